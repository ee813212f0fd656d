/* Which functions answer. Pure: the host tests give it configuration spaces of their own. */
#pragma once
#include "dev/pci.h"

/* Calls found() for each, bus 0 first and what is behind bridges later; it ends the scan with an error, which is
 * returned. Each bus is looked at once, however the bridges are numbered. */
int pci_scan(const struct pci_access *a, int (*found)(const struct pci_device *d)) MUST_CHECK;

/* The devices that are no hardware. */
#pragma once
void dev_mem_init(void); /* null zero full random urandom kmsg */

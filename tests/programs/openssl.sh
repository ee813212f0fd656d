#!/bin/bash
# Packages: bash openssl coreutils
# Digests, ciphers, keys, certificates and the benchmark.
seq 1 1000 >f; for d in md5 sha1 sha256 sha512 sha3-256 blake2b512; do openssl dgst -$d f; done; openssl enc -aes-256-cbc -pbkdf2 -k secret -in f -out f.enc; openssl enc -d -aes-256-cbc -pbkdf2 -k secret -in f.enc | cmp - f
openssl enc -chacha20 -K 00 -iv 00 -in f 2>/dev/null | openssl md5; openssl rand -hex 16 | wc -c; openssl dgst -hmac key -sha256 f; openssl base64 <<<x
openssl genrsa -out k.pem 1024; openssl rsa -in k.pem -check -noout; openssl ecparam -genkey -name prime256v1 -noout -out e.pem; openssl req -x509 -new -key e.pem -subj /CN=test -days 10 -out c.pem; openssl x509 -in c.pem -noout -subject; openssl verify -CAfile c.pem c.pem
openssl dgst -sha256 -sign e.pem -out sig f; openssl ec -in e.pem -pubout -out p.pem; openssl dgst -sha256 -verify p.pem -signature sig f; openssl prime 97 98; openssl ciphers | tr : '\n' | wc -l
openssl speed -seconds 1 -bytes 1024 -evp sha256 2>&1 | grep -c '^sha256'; openssl speed -seconds 1 -multi 2 -bytes 64 md5 2>/dev/null | grep -c '^md5'; openssl version | cut -d. -f1; openssl genpkey -algorithm ed25519 -out ed.pem; openssl pkey -in ed.pem -text -noout | head -n 1

trap 'echo bye $?' EXIT; trap 'echo got usr1' USR1; kill -USR1 $$; echo mid; trap - USR1; (echo sub); exit 4

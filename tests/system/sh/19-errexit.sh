set -e; if false; then :; fi; false || echo ok; ! true; while false; do :; done; f() { false; echo never; }; echo before; f; echo after

c() { case $1 in $2) echo "$1 = $2";; *) echo "$1 # $2";; esac; }
c abc 'a*'; c 'a*' 'a\*'; c abc 'a\*'; c a '[!b]'; c ! '[a!]'; c ] '[]]'; c a '[]a]'; c - '[a-]'; c b '[a-c]'; c '[' '['; c '[a' '[a'
c a '?'; c '' ''; c '' '*'; c ab '?'; c '?' '\?'; c x '[[:alpha:]]'; c 1 '[[:digit:][:space:]]'; c _ '[!a]'
case a in (a) echo paren;; esac
case a in b|a|c) echo or;; esac
case a in esac; echo empty
case 'a b' in a\ b) echo escaped;; esac
case 'a b' in 'a b') echo quoted;; esac
case "a|b" in a\|b) echo bar;; esac
case x in $(echo x)) echo substituted;; esac
p='a|b'; case a in $p) echo no;; *) echo literal bar;; esac
p='*'; case abc in "$p") echo no;; a$p) echo pattern;; esac
case abc in a"b"?) echo mixed;; esac
case a in a) ;; esac; echo $?
case a in b) false;; esac; echo $?
case in in in) echo in;; esac
case '\' in '\') echo backslash;; esac
case '\' in \\) echo backslash;; esac
case 'a\b' in a'\'b) echo backslash;; esac
case 'a\b' in a\\*) echo backslash;; esac

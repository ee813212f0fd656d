x='a  b'; printf "<%s>" $x "$x" '$x' \$x 'it'\''s' ""; echo

echo $ "$" a$ "$ a" $. "$." '$'
set -- p q; echo $1$2 "$1$2" ${1}x $1x ${2}
x=abc; echo $x.c "$x/y" $x-$x ${x}_y "$x_y" $x"$x"
echo $# ${#} "$#" $#x
echo "$@"x "$*"x
set --; echo "[$1]" "[${1}]" "[$*]" [$@]
HOME=/h; echo ~/$x "$HOME/$x" ~$x
y='$x'; echo $y "$y"; eval echo $y
z='a;b|c&d'; echo $z "$z"
w='"quoted"'; echo $w; v="it's"; echo $v
u='a\b'; printf '%s\n' $u "$u"

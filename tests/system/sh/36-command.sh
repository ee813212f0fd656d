command -v echo; command -v cd; command -v nosuch; echo $?; command echo hi; cd() { echo mine; }; command cd /tmp; pwd; f() { :; }; command -v f

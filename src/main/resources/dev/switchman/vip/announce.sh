# announce the virtual IP, and say how
choose || {
    echo 'error=nothing that can announce: install arping of iputils, python3 or perl'
    exit
}
if told=$("by_$by"); then echo "sent=$by"; else echo "error=$by: $told"; exit; fi
# In braces: dash keeps a copy of the output open while a function runs that is redirected itself.
{ repeat; } </dev/null >/dev/null 2>&1 &

# announce the virtual IP at once, while whoever added it goes on
{ choose && "by_$by" && repeat; } </dev/null >/dev/null 2>&1 &

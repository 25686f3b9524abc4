# Takes away what Tcl 8.6 has over 8.5: Vivado up to 2022 has 8.5, and a script that runs here must run there.
# The stand-in's own procedures keep lmap, in their namespace.
rename lmap recorded::lmap
foreach command {try throw tailcall coroutine yield yieldto zlib} { rename $command "" }
namespace delete ::oo

foreach {ensemble later} {string cat dict map file tempfile binary {encode decode} info coroutine} {
    set known [namespace ensemble configure $ensemble -map]
    namespace ensemble configure $ensemble -map [dict remove $known {*}$later]
}

rename lset recorded::lset
proc lset {list args} {
    if {"end+1" in [concat {*}[lrange $args 0 end-1]]} { recorded::refuse "lset of Tcl 8.5 does not append" }
    uplevel 1 [list recorded::lset $list {*}$args]
}
rename lsort recorded::lsort
proc lsort {args} {
    if {"-stride" in [lrange $args 0 end-1]} { recorded::refuse "lsort of Tcl 8.5 has no -stride" }
    recorded::lsort {*}$args
}

# Loops that are meant to be pipelined, with the initiation interval each is meant to reach: read from the sources of the core, where
# FLIMD_LOOP(name) names a loop for the report and FLIMD_PIPELINE(interval) stands in its body.

# A source and all that it includes by quotes, as far as it is there: other includes are the tool's.
proc flimd::with_includes {file {seen {}}} {
    if {$file in $seen} { return $seen }
    lappend seen $file
    foreach {- name} [regexp -all -inline -line {^\s*#include "([^"]+)"} [read_file $file]] {
        set included [file normalize [file join [file dirname $file] $name]]
        if {[file exists $included]} { set seen [with_includes $included $seen] }
    }
    return $seen
}

# {name interval} for each pipelined loop of a text. A pragma belongs to the one loop that begins between the name and it.
proc flimd::pipelined_loops {text} {
    regsub -all -line {//.*$|^\s*#define.*$} $text {} text
    set targets [dict create]
    set pattern {FLIMD_LOOP\((\w+)\)|\m(for)\s*\(|FLIMD_PIPELINE\((\d+)\)}
    lassign {"" 0} name loops
    foreach {- named for interval} [regexp -all -inline $pattern $text] {
        if {$named ne ""} {
            lassign [list $named 0] name loops
        } elseif {$for ne ""} {
            incr loops
        } elseif {$name eq "" || $loops != 1} {
            fail "a FLIMD_PIPELINE in a loop without FLIMD_LOOP, after \"$name\""
        } else {
            dict set targets $name $interval
        }
    }
    return $targets
}

# `unused` names loops of functions that this top does not call: a template's that only the other top instantiates.
proc flimd::loop_targets {top unused} {
    set targets [dict create]
    foreach file [with_includes $top] { set targets [dict merge $targets [pipelined_loops [read_file $file]]] }
    foreach name $unused {
        if {![dict exists $targets $name]} { fail "$top has no pipelined loop $name to leave out" }
        dict unset targets $name
    }
    if {![dict size $targets]} { fail "no loop of $top tells the interval it is meant to reach" }
    return $targets
}

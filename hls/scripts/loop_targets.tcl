# Loops that are meant to be pipelined, with the initiation interval each is meant to reach: read from the sources of the core, where
# a labelled loop carries FLIMD_PIPELINE(interval).

proc flimd::core_sources {} {
    return [lsort [concat [glob [path hls *.h]] [glob [path hls vendor *]]]]
}

# {label interval} for each pipelined loop of a text; the label of a pragma is the last one in front of it.
proc flimd::pipelined_loops {text} {
    regsub -all -line {//.*$} $text {} text
    set targets [dict create]
    set label ""
    foreach {- loop interval} [regexp -all -inline {(\w+):\s*for\s*\(|FLIMD_PIPELINE\((\d+)\)} $text] {
        if {$loop ne ""} { set label $loop; continue }
        if {$label eq ""} { fail "a pipeline pragma before any labelled loop" }
        dict set targets $label $interval
    }
    return $targets
}

proc flimd::loop_targets {} {
    set targets [dict create]
    foreach file [core_sources] { set targets [dict merge $targets [pipelined_loops [read_file $file]]] }
    if {![dict size $targets]} { fail "no loop of the core tells the interval it is meant to reach" }
    return $targets
}

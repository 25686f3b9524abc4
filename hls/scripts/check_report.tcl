# Judges the synthesis report of Vitis HLS (csynth.xml): every loop that is meant to be pipelined reaches its initiation interval,
# and the estimated clock is no longer than the one asked for.

# XML without namespaces as a tree: {tag text children}.
proc flimd::parse_xml {xml} {
    regsub -all {<\?.*?\?>|<!--.*?-->} $xml {} xml
    set stack [list [list {} {} {}]]
    foreach {whole slash tag empty text} [regexp -all -inline {<(/?)([^\s>/]+)[^>]*?(/?)>([^<]*)} $xml] {
        if {$slash eq ""} { lappend stack [list $tag [string trim $text] {}] }
        if {$slash ne "" || $empty ne ""} {
            set node [lindex $stack end]
            if {[lindex $node 0] ne $tag} { fail "the report is not well-formed at </$tag>" }
            set stack [lrange $stack 0 end-1]
            lset stack end 2 [concat [lindex $stack end 2] [list $node]]
        }
    }
    if {[llength $stack] != 1} { fail "the report ends inside <[lindex $stack end 0]>" }
    return [lindex $stack 0]
}

# All elements of a tag, anywhere below.
proc flimd::xml_all {node tag} {
    set found {}
    foreach child [lindex $node 2] {
        if {[lindex $child 0] eq $tag} { lappend found $child }
        lappend found {*}[xml_all $child $tag]
    }
    return $found
}

# Text of a direct child, or "" where there is none.
proc flimd::xml_text {node tag} {
    foreach child [lindex $node 2] {
        if {[lindex $child 0] eq $tag} { return [lindex $child 1] }
    }
    return ""
}

# Loops below a SummaryOfLoopLatency: {name interval} each. A loop holds its inner loops as further elements.
proc flimd::loops_below {node} {
    set loops {}
    foreach child [lindex $node 2] {
        if {[xml_text $child Latency] ne "" || [xml_text $child PipelineII] ne ""} {
            set name [xml_text $child Name]
            if {$name eq ""} { set name [lindex $child 0] }
            lappend loops [list $name [xml_text $child PipelineII]]
        }
        lappend loops {*}[loops_below $child]
    }
    return $loops
}

proc flimd::report_loops {tree} {
    set loops {}
    foreach summary [xml_all $tree SummaryOfLoopLatency] { lappend loops {*}[loops_below $summary] }
    return [lsort -unique $loops]
}

# Vitis joins the names of loops that it flattens (outer_inner); the label must be there as whole words.
proc flimd::loops_named {loops label} {
    return [lsearch -all -inline -regexp -index 0 $loops "(^|_)${label}(_|\$)"]
}

proc flimd::interval_complaints {loops targets} {
    set complaints {}
    dict for {label target} $targets {
        set found [loops_named $loops $label]
        if {![llength $found]} { lappend complaints "loop $label is not in the report" }
        foreach loop $found {
            lassign $loop name interval
            if {![string is integer -strict $interval]} {
                lappend complaints "loop $name is not pipelined (target $target)"
            } elseif {$interval > $target} {
                lappend complaints "loop $name has an initiation interval of $interval (target $target)"
            }
        }
    }
    return $complaints
}

proc flimd::clock_complaints {tree} {
    set target [lindex [xml_all $tree TargetClockPeriod] 0 1]
    set complaints {}
    foreach estimate [xml_all $tree EstimatedClockPeriod] {
        set period [lindex $estimate 1]
        if {![string is double -strict $period] || ![string is double -strict $target]} {
            lappend complaints "the report tells no clock (estimated \"$period\", target \"$target\")"
        } elseif {$period > $target} {
            lappend complaints "the estimated clock is $period ns (target $target ns)"
        }
    }
    if {![llength [xml_all $tree EstimatedClockPeriod]]} { lappend complaints "the report tells no estimated clock" }
    return [lsort -unique $complaints]
}

# Fails with all that is wrong; gives back the version of the tool that wrote the report.
proc flimd::check_report {file targets} {
    set tree [parse_xml [read_file $file]]
    set complaints [concat [clock_complaints $tree] [interval_complaints [report_loops $tree] $targets]]
    if {[llength $complaints]} { fail "the lifetime core misses its targets:\n  [join $complaints "\n  "]" }
    return [lindex [xml_all $tree Version] 0 1]
}

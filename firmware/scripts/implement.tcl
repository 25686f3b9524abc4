# Implementation up to the routed design, and the judgement on its timing.

proc flimd::implement_design {} {
    # With physical optimization behind the routing, and no bitstream: that comes after the judgement.
    set_property STRATEGY Performance_ExplorePostRoutePhysOpt [get_runs impl_1]
    run_to_end impl_1
    open_run impl_1
}

# Slacks of the routed design in ns. A figure that is missing is as bad as a negative one.
proc flimd::timing_figures {} {
    set run [get_runs impl_1]
    return [dict create \
        setup [get_property STATS.WNS $run] \
        hold [get_property STATS.WHS $run] \
        pulse_width [get_property STATS.TPWS $run] \
        failed_nets [get_property STATS.FAILED_NETS $run]]
}

proc flimd::refuse_missed_timing {figures} {
    set reasons {}
    foreach kind {setup hold pulse_width} {
        set slack [dict get $figures $kind]
        if {![string is double -strict $slack]} {
            lappend reasons "no $kind slack was reported"
        } elseif {$slack < 0} {
            lappend reasons "$kind slack is $slack ns"
        }
    }
    set nets [dict get $figures failed_nets]
    if {$nets ne "0"} { lappend reasons "nets that are not routed: \"$nets\"" }
    if {[llength $reasons]} { fail "no bitstream: [join $reasons {, }] (see [out reports])" }
}

# What no clock reaches has no slack: positive figures say nothing about it. The counts are those of check-timing.rpt, whose
# headings end in them ("1. checking no_clock (0)").
proc flimd::refuse_untimed_parts {} {
    set file [out reports check-timing.rpt]
    set text [read_file $file]
    set reasons {}
    foreach {check what} {no_clock "registers without a clock" unconstrained_internal_endpoints "unconstrained internal endpoints"} {
        if {![regexp "checking $check \\((\\d+)\\)" $text - count]} {
            lappend reasons "no count of $what was reported"
        } elseif {$count > 0} {
            lappend reasons "$what: $count"
        }
    }
    if {[llength $reasons]} { fail "no bitstream: [join $reasons {, }] (see $file)" }
}

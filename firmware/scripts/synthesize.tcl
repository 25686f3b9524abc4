# Synthesis: runs to its end, and every port of the top has a pin.

proc flimd::run_to_end {run} {
    launch_runs $run -jobs [environment FLIMD_JOBS 4]
    wait_on_run $run
    set progress [get_property PROGRESS [get_runs $run]]
    if {$progress ne "100%"} {
        fail "$run stopped at $progress ([get_property STATUS [get_runs $run]])"
    }
}

proc flimd::refuse_ports_without_pin {} {
    set without {}
    foreach port [get_ports *] {
        if {[get_property PACKAGE_PIN $port] eq ""} { lappend without $port }
    }
    if {[llength $without]} { fail "these ports have no pin: [join $without {, }]" }
}

proc flimd::synthesize_design {} {
    run_to_end synth_1
    open_run synth_1 -name synth_1
    refuse_ports_without_pin
    write_synthesis_reports
    close_design
}

# Reports, in the folder reports of the results.

proc flimd::report {name} {
    file mkdir [out reports]
    return [out reports $name]
}

proc flimd::write_synthesis_reports {} {
    report_utilization -hierarchical -file [report utilization-synthesized.rpt]
    report_methodology -file [report methodology.rpt]
}

proc flimd::write_implementation_reports {} {
    report_timing_summary -max_paths 20 -report_unconstrained -file [report timing.rpt]
    check_timing -override_defaults {no_clock unconstrained_internal_endpoints} -file [report check-timing.rpt]
    report_clock_interaction -file [report clock-interaction.rpt]
    report_cdc -details -file [report clock-crossings.rpt]
    report_utilization -hierarchical -file [report utilization.rpt]
    report_drc -file [report drc.rpt]
    report_power -file [report power.rpt]
}

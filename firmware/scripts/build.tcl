# Vivado, from the lifetime core's IP to a bitstream: vivado -mode batch -source firmware/scripts/build.tcl, with FLIMD_BOARD set.
set scripts [file dirname [file normalize [info script]]]
foreach part {settings pins stamp clocks create_project address_map block_design synthesize implement reports bitstream} {
    source [file join $scripts $part.tcl]
}

proc flimd::build {} {
    load_board
    uplevel #0 [list source [path firmware scripts link_$::board(link).tcl]]
    # Refusals first: they cost seconds, the runs cost an hour.
    load_pins
    set revision [source_revision]
    set hls_version [string trim [read_file [out hls version]]]
    set stamp [make_stamp $revision [list "vivado [version -short]" "hls $hls_version"]]
    create_flimd_project $stamp [out hls ip]
    create_block_design
    synthesize_design
    implement_design
    write_implementation_reports
    set figures [timing_figures]
    refuse_missed_timing $figures
    refuse_untimed_parts
    write_stamped_bitstream $stamp $figures
}

if {[catch {flimd::build} message]} {
    puts stderr $message
    exit 1
}
exit 0

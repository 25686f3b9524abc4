# The lifetime core from C++ to an IP for Vivado, with FLIMD_BOARD set:
#   vitis-run --mode hls --tcl hls/scripts/synthesize.tcl      (Vitis 2024.1 and later)
#   vitis_hls -f hls/scripts/synthesize.tcl                    (before)
set hls_scripts [file dirname [file normalize [info script]]]
set scripts [file join [file dirname [file dirname $hls_scripts]] firmware scripts]
foreach part {settings pins stamp} { source [file join $scripts $part.tcl] }
foreach part {check_report loop_targets} { source [file join $hls_scripts $part.tcl] }

proc flimd::core_top {} { return [path hls vendor flimd_core_axis.cpp] }

# The model as constants, laid out for the board: written by `npm run generate`.
proc flimd::model_header {} { return [board_file model.h] }

proc flimd::core_flags {} {
    return "-std=c++14 -I[file dirname [model_header]]"
}

# Only the core with weights at run time answers nothing.
proc flimd::core_loop_targets {} {
    return [loop_targets [core_top] {nothing_beats nothing_words}]
}

proc flimd::open_core_project {} {
    global board
    open_project -reset core
    set_top flimd_core_axis
    add_files [core_top] -cflags [core_flags]
    # The bench can run either top; the one with weights at run time is only linked here.
    foreach file [list [path hls tb flimd_core_axis_tb.cpp] [path hls vendor flimd_core_loadable.cpp]] {
        add_files -tb $file -cflags [core_flags]
    }
    open_solution -reset -flow_target vivado solution
    set_part $board(part)
    create_clock -period [format %.3f [expr {1000.0 / $board(core_mhz)}]] -name core_clk
    config_export -format ip_catalog -vendor flimd -library hls -version 1.0 -display_name "flimd lifetime core"
}

proc flimd::synthesize_core {} {
    load_board
    # Refused here already: what follows would be built in vain.
    load_pins
    source_revision
    check_model_header [model_header]
    file mkdir [out hls]
    cd [out hls]
    open_core_project
    csim_design -argv [require_file [path hls tb vectors $::board(model).txt]]
    csynth_design
    set version [check_report [out hls core solution syn report csynth.xml] [core_loop_targets]]
    export_design -rtl verilog
    file delete -force [out hls ip]
    file copy [out hls core solution impl ip] [out hls ip]
    write_file [out hls version] "$version\n"
}

if {[catch {flimd::synthesize_core} message]} {
    puts stderr $message
    exit 1
}
exit 0

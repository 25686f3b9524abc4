# The Vivado project: sources, include path, generics, constraints, the IP of the lifetime core.

proc flimd::rtl_sources {} {
    set sources [glob [path firmware rtl *.sv] [path firmware generated *.sv] [path firmware boards common *.sv]]
    return [lsort [concat $sources [glob [board_file *.sv]]]]
}

# Parameters of the board's top, from the settings and the stamp.
proc flimd::top_generics {stamp} {
    global board
    set hz [expr {$board(core_mhz) * 1000000}]
    return [list \
        WIDTH=$board(width) HEIGHT=$board(height) BINS=$board(bins) \
        BIN_WIDTH_FS=$board(bin_width_fs) LASER_PERIOD_FS=$board(laser_period_fs) \
        FRAME_PERIOD_US=$board(frame_period_us) MIN_PHOTONS=$board(min_photons) \
        TICK_HZ=$hz SENSOR_HZ=[expr {$board(sensor_mhz) * 1000000}] \
        PIXEL_BITS=$board(pixel_bits) BIN_BITS=$board(bin_bits) \
        WORD_BITS=$board(word_bits) PAYLOAD_BITS=$board(payload_bits) \
        FIRMWARE_VERSION=$board(firmware_version) \
        SERIAL=[verilog_bytes [ascii_hex $board(serial)] 16] \
        BITSTREAM_ID=[verilog_bytes [dict get $stamp bitstream_id] 16] \
        SOURCE_REVISION=[verilog_bytes [string range [dict get $stamp revision] 0 15] 8] \
        MODEL_HASH=[verilog_bytes [string range [dict get $stamp model_hash] 0 15] 8]]
}

proc flimd::add_constraints {} {
    write_file [out pins.xdc] [pins_as_xdc [load_pins]]
    write_file [out clocks.xdc] [clocks_as_xdc][sensor_as_xdc]
    add_files -fileset constrs_1 [list [out pins.xdc] [out clocks.xdc] [board_file timing.xdc] [path firmware constraints crossings.xdc]]
    # Clocks of the IP exist once its own constraints are read, and only in the implementation.
    set crossings [get_files crossings.xdc]
    set_property PROCESSING_ORDER LATE $crossings
    set_property USED_IN_SYNTHESIS false $crossings
}

proc flimd::create_flimd_project {stamp core_ip} {
    global board
    create_project -force -part $board(part) flimd [out vivado]
    set_property IP_REPO_PATHS [require_file $core_ip] [current_project]
    update_ip_catalog
    add_files [rtl_sources]
    set_property INCLUDE_DIRS [path firmware generated] [current_fileset]
    set_property GENERIC [top_generics $stamp] [current_fileset]
    add_constraints
    set_property TOP $board(top) [current_fileset]
}

# The bitstream and its sheet: what it was made from, how much slack it has.

proc flimd::json {pairs} {
    set lines {}
    dict for {name value} $pairs { lappend lines "  \"$name\": \"[string map {\\ \\\\ \" \\\"} $value]\"" }
    return "{\n[join $lines ,\n]\n}\n"
}

proc flimd::write_stamped_bitstream {stamp figures} {
    global board
    set file [out flimd-$board(name).bit]
    # Readable over JTAG without the camera's registers.
    set_property BITSTREAM.CONFIG.USR_ACCESS 0x[string range [dict get $stamp bitstream_id] 0 7] [current_design]
    write_bitstream -force -bin_file $file
    write_file [out flimd-$board(name).json] [json [list \
        board $board(name) part $board(part) \
        sourceRevision [string range [dict get $stamp revision] 0 15] \
        model $board(model) modelHash [string range [dict get $stamp model_hash] 0 15] \
        bitstreamId [dict get $stamp bitstream_id] tools [join [dict get $stamp tools] {, }] \
        setupSlackNs [dict get $figures setup] holdSlackNs [dict get $figures hold] \
        sha256 [sha256_file $file]]]
    puts "flimd: $file"
}

# What a bitstream says of itself: source revision, model hash, bitstream id.

# The 40 digits of the commit, or "" where a dirty tree was allowed. A dirty tree is refused otherwise:
# its bitstream would claim to be made from a commit that it is not made from.
proc flimd::source_revision {} {
    set changes [exec git -C [path] status --porcelain]
    if {$changes eq ""} { return [exec git -C [path] rev-parse HEAD] }
    if {[environment FLIMD_ALLOW_DIRTY] eq "1"} { return "" }
    fail "the working tree has changes:\n$changes\ncommit them, or set FLIMD_ALLOW_DIRTY=1 for a bitstream whose source revision reads 0"
}

proc flimd::sha256_text {text} {
    return [lindex [exec sha256sum << $text] 0]
}

proc flimd::sha256_file {file} {
    return [lindex [exec sha256sum [require_file $file]] 0]
}

# A bitstream cannot hold its own hash; its id is the hash of what it was built from, one fact a line.
# Without a revision there is nothing to know the sources by: the time makes the id unlike any other.
proc flimd::bitstream_id {revision tools} {
    global board
    set facts [list "flimd bitstream 1" "board $board(name)" "model $board(model_hash)"]
    if {$revision eq ""} { lappend facts "unversioned [clock seconds]" } else { lappend facts "revision $revision" }
    set own [environment FLIMD_PINS]
    if {$own ne ""} { lappend facts "pins [sha256_file $own]" }
    foreach tool $tools { lappend facts "tool $tool" }
    return [string range [sha256_text "[join $facts \n]\n"] 0 31]
}

# Bytes in memory order as a Verilog literal: byte 0 lands in bits 7:0.
proc flimd::verilog_bytes {hex bytes} {
    set hex [string range "$hex[string repeat 0 [expr {2 * $bytes}]]" 0 [expr {2 * $bytes - 1}]]
    set reversed ""
    for {set i 0} {$i < $bytes} {incr i} { set reversed "[string range $hex [expr {2 * $i}] [expr {2 * $i + 1}]]$reversed" }
    return "[expr {8 * $bytes}]'h$reversed"
}

proc flimd::ascii_hex {text} {
    binary scan $text H* hex
    return $hex
}

# The facts of this build, written down with the core so that the bitstream is stamped with the same.
proc flimd::make_stamp {revision tools} {
    global board
    return [dict create revision $revision model_hash $board(model_hash) bitstream_id [bitstream_id $revision $tools] tools $tools]
}

# A constant of the core's header, its value without a suffix of its type.
proc flimd::header_constant {text name} {
    if {![regexp "\\mk${name} = (\\w+?)(?:ULL)?;" $text - value]} { fail "the header of the model has no k$name" }
    return $value
}

# The core must be made from the model that the registers tell of, and laid out as the board wants it.
proc flimd::check_model_header {file} {
    global board
    set text [read_file $file]
    set bytes [regexp -all -inline {..} [string range $board(model_hash) 0 15]]
    set expected [list ModelHash 0x[join [lreverse $bytes] ""] MinPhotons $board(min_photons) Bins $board(bins) \
        Lanes $board(lanes) Unroll $board(unroll) Turns $board(turns)]
    foreach {name value} $expected {
        set found [header_constant $text $name]
        if {$found ne $value} {
            fail "$file was not made for $board(name) with the model $board(model): k$name is $found, not $value; run `npm run generate` and commit"
        }
    }
}

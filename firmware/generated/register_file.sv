// Generated from src/protocol/registers.ts by `npm run generate`, where the meanings stand. Do not edit.
//
// The register map as an AXI-Lite slave, one access at a time. SLVERR: an address without a register, a write to a
// read-only register, a read of a write-only one, configuration while `locked`, a part of a word, and whatever
// `write_refused` (register_guards, combinational from write_address and write_value) objects to.
`default_nettype none

module register_file (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  [11:0] s_axil_awaddr,
    input  wire  s_axil_awvalid,
    output logic s_axil_awready,
    input  wire  [31:0] s_axil_wdata,
    input  wire  [3:0] s_axil_wstrb,
    input  wire  s_axil_wvalid,
    output logic s_axil_wready,
    output logic [1:0] s_axil_bresp,
    output logic s_axil_bvalid,
    input  wire  s_axil_bready,
    input  wire  [11:0] s_axil_araddr,
    input  wire  s_axil_arvalid,
    output logic s_axil_arready,
    output logic [31:0] s_axil_rdata,
    output logic [1:0] s_axil_rresp,
    output logic s_axil_rvalid,
    input  wire  s_axil_rready,
    // No access begins while the device acts on a command.
    input  wire  busy,
    input  wire  locked,
    output logic [11:0] write_address,
    output logic [31:0] write_value,
    input  wire  write_refused,
    input  wire  [31:0] map_magic,
    input  wire  [31:0] map_version,
    input  wire  [31:0] packet_version,
    input  wire  [31:0] firmware_version,
    input  wire  [127:0] serial,
    input  wire  [127:0] bitstream_id,
    input  wire  [31:0] device_kind,
    input  wire  [31:0] width,
    input  wire  [31:0] height,
    input  wire  [31:0] bin_count,
    input  wire  [31:0] outputs,
    input  wire  [31:0] max_payload_bytes,
    input  wire  [31:0] tick_hz,
    input  wire  [31:0] bin_width_fs,
    input  wire  [31:0] laser_period_fs,
    input  wire  [31:0] frame_period_us_initial,
    output logic [31:0] frame_period_us,
    input  wire  [63:0] model_hash,
    input  wire  [31:0] min_photons_initial,
    output logic [31:0] min_photons,
    output logic command_strobe,
    output logic [31:0] command,
    input  wire  [31:0] output_mask_initial,
    output logic [31:0] output_mask,
    input  wire  [31:0] series_initial,
    output logic [31:0] series,
    input  wire  [31:0] frame_limit_initial,
    output logic [31:0] frame_limit,
    input  wire  [31:0] rows_per_packet_initial,
    input  wire  rows_per_packet_lower,
    input  wire  [31:0] rows_per_packet_lowered,
    output logic [31:0] rows_per_packet,
    input  wire  [31:0] histogram_source_initial,
    output logic [31:0] histogram_source,
    input  wire  [31:0] state,
    input  wire  [31:0] fault,
    input  wire  [63:0] ticks,
    input  wire  [31:0] packets_sent,
    input  wire  [31:0] frames_sent,
    input  wire  [31:0] frames_dropped,
    input  wire  [31:0] temperature_milli_c,
    input  wire  [31:0] bias_millivolt,
    input  wire  [31:0] photon_rate_hz,
    input  wire  [31:0] peak_pixel_rate_hz,
    input  wire  [31:0] laser_rate_hz,
    input  wire  [63:0] source_revision,
    input  wire  [31:0] error_flags,
    output logic [31:0] error_flags_clear,
    input  wire  [31:0] link_stall_cycles,
    input  wire  [31:0] events_dropped,
    input  wire  [31:0] events_saturated
);
  localparam logic [1:0] OKAY = 2'b00;
  localparam logic [1:0] SLVERR = 2'b10;

  assign write_address = s_axil_awaddr;
  assign write_value = s_axil_wdata;

  // Both channels of a write are taken together; a write comes before a read.
  wire write_offered = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid && !busy;
  wire read_offered = s_axil_arvalid && !s_axil_rvalid && !busy && !write_offered;
  assign s_axil_awready = write_offered;
  assign s_axil_wready = write_offered;
  assign s_axil_arready = read_offered;

  logic write_known;
  always_comb begin
    case (write_address)
      12'h088: write_known = !locked;
      12'h0c8: write_known = !locked;
      12'h104: write_known = !locked;
      12'h108: write_known = !locked;
      12'h10c: write_known = !locked;
      12'h110: write_known = !locked;
      12'h114: write_known = !locked;
      12'h100: write_known = 1'b1;
      12'h208: write_known = 1'b1;
      default: write_known = 1'b0;
    endcase
  end
  wire write_taken = write_offered && write_known && (&s_axil_wstrb) && !write_refused;

  // Accesses refused, whether the last was a write, and its address: for a host whose bus does not tell (posted writes).
  logic [31:0] last_refusal;
  logic [31:0] ticks_high_reg;
  logic [31:0] read_value;
  logic read_known;
  always_comb begin
    read_known = 1'b1;
    case (s_axil_araddr)
      12'h000: read_value = map_magic;
      12'h004: read_value = map_version;
      12'h008: read_value = packet_version;
      12'h00c: read_value = firmware_version;
      12'h010: read_value = serial[0 +: 32];
      12'h014: read_value = serial[32 +: 32];
      12'h018: read_value = serial[64 +: 32];
      12'h01c: read_value = serial[96 +: 32];
      12'h020: read_value = bitstream_id[0 +: 32];
      12'h024: read_value = bitstream_id[32 +: 32];
      12'h028: read_value = bitstream_id[64 +: 32];
      12'h02c: read_value = bitstream_id[96 +: 32];
      12'h030: read_value = device_kind;
      12'h040: read_value = width;
      12'h044: read_value = height;
      12'h048: read_value = bin_count;
      12'h04c: read_value = outputs;
      12'h050: read_value = max_payload_bytes;
      12'h054: read_value = tick_hz;
      12'h080: read_value = bin_width_fs;
      12'h084: read_value = laser_period_fs;
      12'h088: read_value = frame_period_us;
      12'h0c0: read_value = model_hash[0 +: 32];
      12'h0c4: read_value = model_hash[32 +: 32];
      12'h0c8: read_value = min_photons;
      12'h104: read_value = output_mask;
      12'h108: read_value = series;
      12'h10c: read_value = frame_limit;
      12'h110: read_value = rows_per_packet;
      12'h114: read_value = histogram_source;
      12'h140: read_value = state;
      12'h144: read_value = fault;
      12'h148: read_value = ticks[0 +: 32];
      12'h14c: read_value = ticks_high_reg;
      12'h180: read_value = packets_sent;
      12'h184: read_value = frames_sent;
      12'h188: read_value = frames_dropped;
      12'h1c0: read_value = temperature_milli_c;
      12'h1c4: read_value = bias_millivolt;
      12'h1c8: read_value = photon_rate_hz;
      12'h1cc: read_value = peak_pixel_rate_hz;
      12'h1d0: read_value = laser_rate_hz;
      12'h200: read_value = source_revision[0 +: 32];
      12'h204: read_value = source_revision[32 +: 32];
      12'h208: read_value = error_flags;
      12'h20c: read_value = link_stall_cycles;
      12'h210: read_value = events_dropped;
      12'h214: read_value = events_saturated;
      12'h218: read_value = last_refusal;
      default: begin
        read_value = 32'd0;
        read_known = 1'b0;
      end
    endcase
  end

  assign command_strobe = write_taken && write_address == 12'h100;
  assign command = write_value;
  assign error_flags_clear = write_taken && write_address == 12'h208 ? write_value : 32'd0;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      frame_period_us <= frame_period_us_initial;
      min_photons <= min_photons_initial;
      output_mask <= output_mask_initial;
      series <= series_initial;
      frame_limit <= frame_limit_initial;
      rows_per_packet <= rows_per_packet_initial;
      histogram_source <= histogram_source_initial;
    end else begin
      if (write_taken && write_address == 12'h088) frame_period_us <= write_value;
      if (write_taken && write_address == 12'h0c8) min_photons <= write_value;
      if (write_taken && write_address == 12'h104) output_mask <= write_value;
      if (write_taken && write_address == 12'h108) series <= write_value;
      if (write_taken && write_address == 12'h10c) frame_limit <= write_value;
      if (write_taken && write_address == 12'h110) rows_per_packet <= write_value;
      if (write_taken && write_address == 12'h114) histogram_source <= write_value;
      if (rows_per_packet_lower) rows_per_packet <= rows_per_packet_lowered;
    end
  end

  always_ff @(posedge clk) begin
    if (read_offered && s_axil_araddr == 12'h148) ticks_high_reg <= ticks[63:32];
    if (read_offered) begin
      s_axil_rdata <= read_value;
      s_axil_rresp <= read_known ? OKAY : SLVERR;
    end
    if (write_offered) s_axil_bresp <= write_taken ? OKAY : SLVERR;
    if (!rst_n) last_refusal <= 32'd0;
    else if (write_offered && !write_taken) last_refusal <= {last_refusal[31:16] + 16'd1, 4'h8, write_address};
    else if (read_offered && !read_known) last_refusal <= {last_refusal[31:16] + 16'd1, 4'h0, s_axil_araddr};
    if (!rst_n) begin
      s_axil_bvalid <= 1'b0;
      s_axil_rvalid <= 1'b0;
    end else begin
      s_axil_bvalid <= write_offered || (s_axil_bvalid && !s_axil_bready);
      s_axil_rvalid <= read_offered || (s_axil_rvalid && !s_axil_rready);
    end
  end
endmodule

`default_nettype wire

// The camera's bitstream but for sensor, lifetime core and link: registers, histogram memory, packets.
// docs/firmware.md has the picture. Straps (cfg_*) are constant after reset.
`include "flimd_protocol.svh"
`default_nettype none

module flimd_device #(
    // A half of the histogram memory holds 2^WORD_BITS words of four bins.
    parameter int WORD_BITS = 12,
    // The largest payload is 2^PAYLOAD_BITS bytes; there are four buffers of that size.
    parameter int PAYLOAD_BITS = 12,
    // Whether the lifetime core has the register `bins`: 1 with run-time weights, 0 with a model as constants.
    parameter bit CORE_TAKES_BINS = 1
) (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  [31:0] cfg_width,
    input  wire  [31:0] cfg_height,
    input  wire  [31:0] cfg_bins,
    input  wire  [31:0] cfg_bin_width_fs,
    input  wire  [31:0] cfg_laser_period_fs,
    input  wire  [31:0] cfg_frame_period_us,
    input  wire  [31:0] cfg_firmware_version,
    input  wire  [31:0] cfg_device_kind,
    input  wire  [31:0] cfg_outputs,
    input  wire  [31:0] cfg_tick_hz,
    input  wire  [31:0] cfg_min_photons,
    input  wire  [127:0] cfg_serial,
    input  wire  [127:0] cfg_bitstream_id,
    input  wire  [63:0] cfg_source_revision,
    input  wire  [63:0] cfg_model_hash,
    input  wire  [63:0] ticks,
    input  wire  [31:0] temperature_milli_c,
    input  wire  [31:0] bias_millivolt,
    input  wire  [31:0] laser_rate_hz,
    // Registers.
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
    // Sensor. No ready: an event that finds the FIFO full is lost and counted.
    input  wire  sensor_clk,
    input  wire  sensor_rst_n,
    output logic exposure_start,
    output logic [63:0] exposure_ticks,
    input  wire  s_event_valid,
    input  wire  s_event_mark,
    input  wire  [23:0] s_event_pixel,
    input  wire  [15:0] s_event_bin,
    output logic s_event_almost_full,
    // Lifetime core.
    output logic [63:0] m_axis_histograms_tdata,
    output logic m_axis_histograms_tvalid,
    input  wire  m_axis_histograms_tready,
    output logic m_axis_histograms_tlast,
    input  wire  [63:0] s_axis_lifetimes_tdata,
    input  wire  s_axis_lifetimes_tvalid,
    output logic s_axis_lifetimes_tready,
    input  wire  s_axis_lifetimes_tlast,
    output logic [15:0] m_axil_core_awaddr,
    output logic m_axil_core_awvalid,
    input  wire  m_axil_core_awready,
    output logic [31:0] m_axil_core_wdata,
    output logic [3:0] m_axil_core_wstrb,
    output logic m_axil_core_wvalid,
    input  wire  m_axil_core_wready,
    input  wire  [1:0] m_axil_core_bresp,
    input  wire  m_axil_core_bvalid,
    output logic m_axil_core_bready,
    output logic [15:0] m_axil_core_araddr,
    output logic m_axil_core_arvalid,
    input  wire  m_axil_core_arready,
    input  wire  [31:0] m_axil_core_rdata,
    input  wire  [1:0] m_axil_core_rresp,
    input  wire  m_axil_core_rvalid,
    output logic m_axil_core_rready,
    // Host link.
    input  wire  link_clk,
    input  wire  link_rst_n,
    output logic [63:0] m_axis_link_tdata,
    output logic [7:0] m_axis_link_tkeep,
    output logic m_axis_link_tvalid,
    input  wire  m_axis_link_tready,
    output logic m_axis_link_tlast,
    input  wire  [63:0] s_axis_inject_tdata,
    input  wire  [7:0] s_axis_inject_tkeep,
    input  wire  s_axis_inject_tvalid,
    output logic s_axis_inject_tready,
    input  wire  s_axis_inject_tlast,
    // A sticky error flag is set.
    output logic irq
);
  localparam logic [31:0] ROWS_PER_PACKET = 32'd8;
  localparam int LINK_FIFO_BITS = 9;
  localparam int INJECT_FIFO_BITS = 5;

  // ---- Geometry -----------------------------------------------------------------------------------------------
  logic [23:0] pixel_count;
  logic [13:0] quads_per_pixel;
  logic [31:0] row_beats;
  logic [37:0] frame_beats;
  logic pixels_countable, geometry_valid, configuration_fits;

  frame_geometry geometry (
      .clk, .rst_n,
      .image_width(cfg_width), .image_height(cfg_height), .detector_bins(cfg_bins),
      .pixel_count, .quads_per_pixel, .row_beats, .frame_beats, .pixels_countable, .geometry_valid
  );
  geometry_check #(.WORD_BITS(WORD_BITS), .PAYLOAD_BITS(PAYLOAD_BITS)) check (
      .clk,
      .width(cfg_width), .height(cfg_height), .bin_count(cfg_bins), .row_beats, .frame_beats,
      .pixels_countable, .fits(configuration_fits)
  );

  // ---- Registers ----------------------------------------------------------------------------------------------
  logic [11:0] write_address;
  logic [31:0] write_value;
  logic write_refused, locked, control_busy;
  logic command_strobe, setup_start, setup_done;
  logic [31:0] command, state;
  logic [31:0] frame_period_us, min_photons, output_mask, series, frame_limit, rows_per_packet, histogram_source;
  logic [31:0] packets_sent, frames_sent, frames_dropped, photon_rate_hz, peak_pixel_rate_hz;
  logic [31:0] error_flags, error_flags_clear, link_stall_cycles, events_dropped, events_saturated;
  logic [15:0] band_rows;

  register_file registers (
      .clk, .rst_n,
      .s_axil_awaddr, .s_axil_awvalid, .s_axil_awready, .s_axil_wdata, .s_axil_wstrb, .s_axil_wvalid, .s_axil_wready,
      .s_axil_bresp, .s_axil_bvalid, .s_axil_bready, .s_axil_araddr, .s_axil_arvalid, .s_axil_arready,
      .s_axil_rdata, .s_axil_rresp, .s_axil_rvalid, .s_axil_rready,
      .busy(control_busy || !geometry_valid), .locked, .write_address, .write_value, .write_refused,
      .map_magic(`FLIMD_MAP_MAGIC), .map_version(`FLIMD_MAP_VERSION),
      .packet_version({24'd0, `FLIMD_PACKET_VERSION}),
      .firmware_version(cfg_firmware_version), .serial(cfg_serial), .bitstream_id(cfg_bitstream_id),
      .device_kind(cfg_device_kind), .width(cfg_width), .height(cfg_height), .bin_count(cfg_bins), .outputs(cfg_outputs),
      .max_payload_bytes(32'd1 << PAYLOAD_BITS), .tick_hz(cfg_tick_hz),
      .bin_width_fs(cfg_bin_width_fs), .laser_period_fs(cfg_laser_period_fs),
      .frame_period_us_initial(cfg_frame_period_us), .frame_period_us,
      .model_hash(cfg_model_hash), .min_photons_initial(cfg_min_photons), .min_photons,
      .command_strobe, .command,
      .output_mask_initial(cfg_outputs), .output_mask,
      .series_initial(32'd0), .series, .frame_limit_initial(32'd0), .frame_limit,
      .rows_per_packet_initial(ROWS_PER_PACKET), .rows_per_packet_lower(setup_done),
      .rows_per_packet_lowered({16'd0, band_rows}), .rows_per_packet,
      .histogram_source_initial(`FLIMD_SOURCE_SENSOR), .histogram_source,
      .state, .fault(configuration_fits ? `FLIMD_FAULT_NONE : `FLIMD_FAULT_CONFIGURATION), .ticks,
      .packets_sent, .frames_sent, .frames_dropped,
      .temperature_milli_c, .bias_millivolt, .photon_rate_hz, .peak_pixel_rate_hz, .laser_rate_hz,
      .source_revision(cfg_source_revision), .error_flags, .error_flags_clear,
      .link_stall_cycles, .events_dropped, .events_saturated
  );
  register_guards guards (
      .write_address, .write_value, .state, .configuration_fits,
      .outputs(cfg_outputs), .model_min_photons(cfg_min_photons), .series, .write_refused
  );

  wire lifetimes = (output_mask & `FLIMD_OUTPUT_LIFETIMES) != 0;
  wire histograms = (output_mask & `FLIMD_OUTPUT_HISTOGRAMS) != 0;
  wire standard_errors = (output_mask & `FLIMD_OUTPUT_STANDARD_ERRORS) != 0;

  // ---- Run ----------------------------------------------------------------------------------------------------
  logic [63:0] period_ticks;
  logic [PAYLOAD_BITS-3:0] band_beats;
  logic [PAYLOAD_BITS-4:0] band_quads;
  logic begin_series, exposures_enabled, exposing, limit_reached, readout_quiet;
  logic packet_busy, aborting, discard, series_end_request, series_end_done;
  logic frame_end_request, frame_end_done, telemetry_due, telemetry_request, telemetry_done;
  logic memory_ready, frame_closed, expose;
  logic [1:0] halves_free;
  logic closed_valid, closed_taken;
  logic [31:0] closed_frame;
  logic [63:0] closed_start_ticks, closed_end_ticks;
  logic read_start, read_discard, read_available, read_busy, read_done;
  logic frame_begin, core_begin, core_busy, core_refused, results_busy, result_mismatch;
  logic histograms_sent, lifetimes_sent, stream_over;

  series_setup #(.PAYLOAD_BITS(PAYLOAD_BITS)) setup (
      .clk, .rst_n, .start(setup_start), .done(setup_done),
      .frame_period_us, .tick_hz(cfg_tick_hz), .width(cfg_width), .height(cfg_height[15:0]), .row_beats,
      .histograms, .lifetimes, .standard_errors, .rows_per_packet,
      .period_ticks, .exposure_ticks, .band_rows, .band_beats, .band_quads
  );
  run_control run (
      .clk, .rst_n, .command_strobe, .command, .state, .locked, .busy(control_busy),
      .setup_start, .setup_done, .begin_series, .exposures_enabled, .exposing, .limit_reached,
      .readout_quiet, .halves_quiet(halves_free == 2'd2), .packet_busy,
      .packet_pending(frame_end_request || telemetry_request),
      .aborting, .discard, .series_end_request, .series_end_done
  );
  exposure_control exposures (
      .clk, .rst_n, .ticks, .period_ticks, .frame_limit, .clear(setup_start), .begin_series,
      .enabled(exposures_enabled), .memory_ready, .halves_free, .frame_closed,
      .exposure_start(expose), .exposing, .limit_reached, .frames_dropped,
      .closed_valid, .closed_taken, .closed_frame, .closed_start_ticks, .closed_end_ticks
  );
  readout_control readout (
      .clk, .rst_n, .clear(setup_start), .aborting, .discard, .histograms, .lifetimes,
      .closed_valid, .closed_taken, .read_available, .read_busy, .read_start, .read_discard,
      .frame_begin, .core_begin, .core_busy, .results_busy, .stream_over, .histograms_sent, .lifetimes_sent,
      .frame_end_request, .frame_end_done, .telemetry_due, .telemetry_request, .telemetry_done,
      .frames_sent, .quiet(readout_quiet)
  );
  pulse_crossing to_sensor (
      .from_clk(clk), .from_rst_n(rst_n), .from_pulse(expose),
      .to_clk(sensor_clk), .to_rst_n(sensor_rst_n), .to_pulse(exposure_start)
  );

  // ---- Photons to histograms ----------------------------------------------------------------------------------
  logic event_valid, event_ready, event_mark, saturated, outside;
  logic [23:0] event_pixel;
  logic [15:0] event_bin;
  logic [7:0] lost_events;

  event_fifo events (
      .sensor_clk, .sensor_rst_n,
      .s_event_valid, .s_event_mark, .s_event_pixel, .s_event_bin, .s_event_almost_full,
      .clk, .rst_n, .m_event_valid(event_valid), .m_event_ready(event_ready), .m_event_mark(event_mark),
      .m_event_pixel(event_pixel), .m_event_bin(event_bin), .lost_events
  );

  logic sensor_tvalid, sensor_tready, sensor_tlast;
  logic [63:0] sensor_tdata;
  photon_histogrammer #(.WORD_BITS(WORD_BITS)) histogrammer (
      .clk, .rst_n, .pixel_count, .quads_per_pixel, .frame_words(frame_beats[WORD_BITS:0]), .ready(memory_ready),
      .s_event_valid(event_valid), .s_event_mark(event_mark), .s_event_pixel(event_pixel), .s_event_bin(event_bin),
      .s_event_ready(event_ready), .saturated, .outside, .frame_closed, .halves_free,
      .read_start, .read_discard, .read_available, .read_busy, .read_done,
      .m_axis_histograms_tvalid(sensor_tvalid), .m_axis_histograms_tready(sensor_tready),
      .m_axis_histograms_tdata(sensor_tdata), .m_axis_histograms_tlast(sensor_tlast)
  );

  // ---- Injected histograms in their place ---------------------------------------------------------------------
  logic inject_tvalid, inject_tready, inject_tlast, injection_short, injection_long;
  logic [63:0] inject_tdata;
  logic [7:0] inject_tkeep;
  logic [INJECT_FIFO_BITS:0] inject_level;
  async_fifo #(.WIDTH(73), .DEPTH_BITS(INJECT_FIFO_BITS)) from_host (
      .wr_clk(link_clk), .wr_rst_n(link_rst_n), .wr_valid(s_axis_inject_tvalid), .wr_ready(s_axis_inject_tready),
      .wr_data({s_axis_inject_tlast, s_axis_inject_tkeep, s_axis_inject_tdata}), .wr_level(inject_level),
      .rd_clk(clk), .rd_rst_n(rst_n), .rd_valid(inject_tvalid), .rd_ready(inject_tready),
      .rd_data({inject_tlast, inject_tkeep, inject_tdata})
  );

  logic frame_tvalid, frame_tready, frame_tlast;
  logic [63:0] frame_tdata;
  pattern_injector injector (
      .clk, .rst_n, .frame_beats(frame_beats[31:0]), .source(histogram_source == `FLIMD_SOURCE_INJECTED), .flush(discard),
      .s_axis_sensor_tvalid(sensor_tvalid), .s_axis_sensor_tready(sensor_tready),
      .s_axis_sensor_tdata(sensor_tdata), .s_axis_sensor_tlast(sensor_tlast),
      .s_axis_inject_tvalid(inject_tvalid), .s_axis_inject_tready(inject_tready),
      .s_axis_inject_tdata(inject_tdata), .s_axis_inject_tkeep(inject_tkeep), .s_axis_inject_tlast(inject_tlast),
      .m_axis_histograms_tvalid(frame_tvalid), .m_axis_histograms_tready(frame_tready),
      .m_axis_histograms_tdata(frame_tdata), .m_axis_histograms_tlast(frame_tlast),
      .injection_short, .injection_long
  );
  wire frame_beat = frame_tvalid && frame_tready;
  assign stream_over = frame_beat && frame_tlast;

  logic totals_valid;
  logic [47:0] frame_photons;
  logic [31:0] largest_pixel;
  photon_totals totals (
      .clk, .rst_n, .quads_per_pixel, .beat(frame_beat), .beat_data(frame_tdata), .beat_last(frame_tlast),
      .totals_valid, .frame_photons, .largest_pixel
  );

  // ---- To the packets and to the core -------------------------------------------------------------------------
  logic band_tvalid, band_tready;
  stream_fork fork_frame (
      .clk, .rst_n, .to_a(histograms), .to_b(lifetimes),
      .s_axis_tvalid(frame_tvalid), .s_axis_tready(frame_tready), .s_axis_tdata(frame_tdata),
      .s_axis_tlast(frame_tlast),
      .a_tvalid(band_tvalid), .a_tready(band_tready),
      .b_tvalid(m_axis_histograms_tvalid), .b_tready(m_axis_histograms_tready),
      .m_axis_tdata(m_axis_histograms_tdata), .m_axis_tlast(m_axis_histograms_tlast)
  );
  core_starter #(.TAKES_BINS(CORE_TAKES_BINS)) starter (
      .clk, .rst_n, .start(core_begin), .pixels({8'd0, pixel_count}), .min_photons, .bin_count(cfg_bins),
      .busy(core_busy), .refused(core_refused),
      .m_axil_awaddr(m_axil_core_awaddr), .m_axil_awvalid(m_axil_core_awvalid), .m_axil_awready(m_axil_core_awready),
      .m_axil_wdata(m_axil_core_wdata), .m_axil_wstrb(m_axil_core_wstrb), .m_axil_wvalid(m_axil_core_wvalid),
      .m_axil_wready(m_axil_core_wready), .m_axil_bresp(m_axil_core_bresp), .m_axil_bvalid(m_axil_core_bvalid),
      .m_axil_bready(m_axil_core_bready), .m_axil_araddr(m_axil_core_araddr),
      .m_axil_arvalid(m_axil_core_arvalid), .m_axil_arready(m_axil_core_arready),
      .m_axil_rdata(m_axil_core_rdata), .m_axil_rresp(m_axil_core_rresp), .m_axil_rvalid(m_axil_core_rvalid),
      .m_axil_rready(m_axil_core_rready)
  );

  logic result_tvalid, result_tready, result_tlast;
  logic [63:0] result_tdata;
  result_gate gate (
      .clk, .rst_n, .open(core_begin), .pixel_count, .busy(results_busy), .mismatch(result_mismatch),
      .s_axis_tvalid(s_axis_lifetimes_tvalid), .s_axis_tready(s_axis_lifetimes_tready),
      .s_axis_tdata(s_axis_lifetimes_tdata), .s_axis_tlast(s_axis_lifetimes_tlast),
      .m_axis_tvalid(result_tvalid), .m_axis_tready(result_tready), .m_axis_tdata(result_tdata),
      .m_axis_tlast(result_tlast)
  );

  // ---- Packets ------------------------------------------------------------------------------------------------
  logic histograms_ready, histograms_last, histograms_tvalid, histograms_tready, histograms_tlast;
  logic [PAYLOAD_BITS-3:0] histograms_words;
  logic [15:0] histograms_first_row, histograms_rows;
  logic [31:0] histograms_crc;
  logic [63:0] histograms_tdata;
  band_buffer #(.PAYLOAD_BITS(PAYLOAD_BITS)) bands (
      .clk, .rst_n, .discard, .height(cfg_height[15:0]), .band_rows, .band_beats,
      .s_axis_tvalid(band_tvalid), .s_axis_tready(band_tready), .s_axis_tdata(m_axis_histograms_tdata),
      .s_axis_tlast(m_axis_histograms_tlast),
      .ready(histograms_ready), .words(histograms_words), .first_row(histograms_first_row), .rows(histograms_rows),
      .last(histograms_last), .crc(histograms_crc),
      .m_axis_tvalid(histograms_tvalid), .m_axis_tready(histograms_tready), .m_axis_tdata(histograms_tdata),
      .m_axis_tlast(histograms_tlast)
  );

  logic lifetimes_ready, lifetimes_last, lifetimes_tvalid, lifetimes_tready, lifetimes_tlast;
  logic [PAYLOAD_BITS-3:0] lifetimes_words;
  logic [15:0] lifetimes_first_row, lifetimes_rows;
  logic [31:0] lifetimes_crc;
  logic [63:0] lifetimes_tdata;
  plane_buffer #(.PAYLOAD_BITS(PAYLOAD_BITS)) planes (
      .clk, .rst_n, .discard, .height(cfg_height[15:0]), .band_rows, .band_quads, .frame_quads(pixel_count[23:2]),
      .standard_errors,
      .s_axis_tvalid(result_tvalid), .s_axis_tready(result_tready), .s_axis_tdata(result_tdata),
      .s_axis_tlast(result_tlast),
      .ready(lifetimes_ready), .words(lifetimes_words), .first_row(lifetimes_first_row), .rows(lifetimes_rows),
      .last(lifetimes_last), .crc(lifetimes_crc),
      .m_axis_tvalid(lifetimes_tvalid), .m_axis_tready(lifetimes_tready), .m_axis_tdata(lifetimes_tdata),
      .m_axis_tlast(lifetimes_tlast)
  );

  telemetry measured (
      .clk, .rst_n, .ticks, .tick_hz(cfg_tick_hz), .period_ticks, .begin_series,
      .running(exposures_enabled && !limit_reached), .totals_valid, .frame_photons, .largest_pixel,
      .photon_rate_hz, .peak_pixel_rate_hz, .due(telemetry_due), .sent(telemetry_done)
  );

  logic packet_tvalid, packet_tready, packet_tlast;
  logic [63:0] packet_tdata;
  logic [7:0] packet_tkeep;
  packetizer #(.PAYLOAD_BITS(PAYLOAD_BITS)) packets (
      .clk, .rst_n, .clear(setup_start), .ticks, .series, .standard_errors,
      .frame_begin, .frame_number(closed_frame), .frame_start_ticks(closed_start_ticks),
      .frame_end_ticks(closed_end_ticks), .rows_enabled(!aborting),
      .histograms_ready, .histograms_words, .histograms_first_row, .histograms_rows, .histograms_last, .histograms_crc,
      .s_axis_histograms_tvalid(histograms_tvalid), .s_axis_histograms_tready(histograms_tready),
      .s_axis_histograms_tdata(histograms_tdata), .s_axis_histograms_tlast(histograms_tlast), .histograms_sent,
      .lifetimes_ready, .lifetimes_words, .lifetimes_first_row, .lifetimes_rows, .lifetimes_last, .lifetimes_crc,
      .s_axis_lifetimes_tvalid(lifetimes_tvalid), .s_axis_lifetimes_tready(lifetimes_tready),
      .s_axis_lifetimes_tdata(lifetimes_tdata), .s_axis_lifetimes_tlast(lifetimes_tlast), .lifetimes_sent,
      .frame_end_request, .frame_end_done, .telemetry_request, .telemetry_done,
      .telemetry_words({laser_rate_hz, peak_pixel_rate_hz, photon_rate_hz, bias_millivolt, temperature_milli_c}),
      .series_end_request, .series_end_done, .frames_sent, .frames_dropped, .busy(packet_busy), .packets_sent,
      .m_axis_tvalid(packet_tvalid), .m_axis_tready(packet_tready), .m_axis_tdata(packet_tdata),
      .m_axis_tkeep(packet_tkeep), .m_axis_tlast(packet_tlast)
  );

  // A word is whole or half: one bit for TKEEP.
  logic link_whole;
  logic [LINK_FIFO_BITS:0] link_level;
  async_fifo #(.WIDTH(66), .DEPTH_BITS(LINK_FIFO_BITS)) to_host (
      .wr_clk(clk), .wr_rst_n(rst_n), .wr_valid(packet_tvalid), .wr_ready(packet_tready),
      .wr_data({packet_tlast, packet_tkeep[7], packet_tdata}), .wr_level(link_level),
      .rd_clk(link_clk), .rd_rst_n(link_rst_n), .rd_valid(m_axis_link_tvalid), .rd_ready(m_axis_link_tready),
      .rd_data({m_axis_link_tlast, link_whole, m_axis_link_tdata})
  );
  assign m_axis_link_tkeep = {{4{link_whole}}, 4'hf};

  device_counters counters (
      .clk, .rst_n, .clear(setup_start), .link_stalled(packet_tvalid && !packet_tready), .lost_events,
      .bin_saturated(saturated), .injection_short, .injection_long, .core_mismatch(result_mismatch || core_refused),
      .event_outside(outside), .error_flags_clear, .error_flags, .link_stall_cycles, .events_dropped,
      .events_saturated, .irq
  );

  wire unused = &{read_done, inject_level, link_level, 1'b0};
endmodule

`default_nettype wire

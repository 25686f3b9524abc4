// A Kintex-7 module with a Cypress FX3: the camera's head, the FX3's slave FIFO, and the block design with clock and core.
module k7_fx3_top #(
    parameter int WIDTH = 32,
    parameter int HEIGHT = 32,
    parameter int BINS = 64,
    parameter int BIN_WIDTH_FS = 195_313,
    parameter int LASER_PERIOD_FS = 12_500_000,
    parameter int FRAME_PERIOD_US = 10_000,
    parameter int MIN_PHOTONS = 20,
    parameter int TICK_HZ = 150_000_000,
    parameter int SENSOR_HZ = 100_000_000,
    parameter int PIXEL_BITS = 10,
    parameter int BIN_BITS = 6,
    parameter int WORD_BITS = 14,
    parameter int PAYLOAD_BITS = 13,
    parameter logic [31:0] FIRMWARE_VERSION = '0,
    parameter logic [127:0] SERIAL = '0,
    parameter logic [127:0] BITSTREAM_ID = '0,
    parameter logic [63:0] SOURCE_REVISION = '0,
    parameter logic [63:0] MODEL_HASH = '0
) (
    input logic sys_clk,
    // GPIF II as a synchronous slave FIFO (AN65974); the FX3 gives the clock.
    input logic fx3_pclk,
    inout wire [31:0] fx3_dq,
    output logic fx3_slcs_n,
    output logic fx3_slwr_n,
    output logic fx3_slrd_n,
    output logic fx3_sloe_n,
    output logic fx3_pktend_n,
    output logic [1:0] fx3_fifoadr,
    input logic fx3_flaga,
    input logic fx3_flagb,
    input logic fx3_flagc,
    input logic fx3_flagd,
    // Photons of the sensor, synchronous to its clock, and the level that asks for an exposure.
    input logic sensor_clk,
    input logic sensor_valid,
    input logic [PIXEL_BITS-1:0] sensor_pixel,
    input logic [BIN_BITS-1:0] sensor_bin,
    output logic sensor_exposure,
    // Out of reset, exposing, something went wrong.
    output logic [2:0] led
);
  // Where the block design puts the core's control registers (firmware/scripts/address_map.tcl).
  localparam logic [15:0] CORE_BASE = 16'h0001;

  logic core_clk, core_rst_n, system_rst_n;
  logic sensor_clk_buffered, sensor_rst_n;
  logic [63:0] histograms_tdata, lifetimes_tdata;
  logic histograms_tvalid, histograms_tready, histograms_tlast;
  logic lifetimes_tvalid, lifetimes_tready, lifetimes_tlast;
  logic [15:0] core_awaddr, core_araddr;
  logic [31:0] core_wdata, core_rdata;
  logic [3:0] core_wstrb;
  logic [1:0] core_bresp, core_rresp;
  logic core_awvalid, core_awready, core_wvalid, core_wready, core_bvalid, core_bready;
  logic core_arvalid, core_arready, core_rvalid, core_rready;
  logic [31:0] registers_wdata, registers_rdata;
  logic [3:0] registers_wstrb;
  logic [1:0] registers_bresp, registers_rresp;
  logic registers_awvalid, registers_awready, registers_wvalid, registers_wready, registers_bvalid, registers_bready;
  logic registers_arvalid, registers_arready, registers_rvalid, registers_rready;
  logic [63:0] link_tdata, inject_tdata;
  logic [7:0] link_tkeep, inject_tkeep;
  logic link_tvalid, link_tready, link_tlast, inject_tvalid, inject_tready, inject_tlast;
  logic irq, exposing;
  logic link_clk, link_rst_n;
  logic [11:0] registers_awaddr, registers_araddr;
  logic [31:0] dq_in, dq_out, dq_release;
  logic request_valid, request_ready, reply_valid, reply_ready;
  logic [31:0] request_data, reply_data;

  BUFG sensor_clk_buffer (
      .I(sensor_clk),
      .O(sensor_clk_buffered)
  );
  assign sensor_exposure = exposing;
  assign led = {irq, exposing, system_rst_n};

  BUFG link_clk_buffer (
      .I(fx3_pclk),
      .O(link_clk)
  );
  for (genvar i = 0; i < 32; i++) begin : g_dq
    IOBUF pad (
        .I (dq_out[i]),
        .O (dq_in[i]),
        .T (dq_release[i]),
        .IO(fx3_dq[i])
    );
  end

  // One cause for all three domains: FIFOs between them need their resets to overlap.
  reset_synchronizer core_reset (
      .clk(core_clk),
      .async_rst_n(core_rst_n),
      .rst_n(system_rst_n)
  );
  reset_synchronizer link_reset (
      .clk(link_clk),
      .async_rst_n(core_rst_n),
      .rst_n(link_rst_n)
  );
  reset_synchronizer sensor_reset (
      .clk(sensor_clk_buffered),
      .async_rst_n(core_rst_n),
      .rst_n(sensor_rst_n)
  );

  flimd_system system (
      .sys_clk(sys_clk),
      .core_clk(core_clk),
      .core_rst_n(core_rst_n),
      .S_AXIL_CORE_awaddr({CORE_BASE, core_awaddr}),
      .S_AXIL_CORE_awvalid(core_awvalid),
      .S_AXIL_CORE_awready(core_awready),
      .S_AXIL_CORE_wdata(core_wdata),
      .S_AXIL_CORE_wstrb(core_wstrb),
      .S_AXIL_CORE_wvalid(core_wvalid),
      .S_AXIL_CORE_wready(core_wready),
      .S_AXIL_CORE_bresp(core_bresp),
      .S_AXIL_CORE_bvalid(core_bvalid),
      .S_AXIL_CORE_bready(core_bready),
      .S_AXIL_CORE_araddr({CORE_BASE, core_araddr}),
      .S_AXIL_CORE_arvalid(core_arvalid),
      .S_AXIL_CORE_arready(core_arready),
      .S_AXIL_CORE_rdata(core_rdata),
      .S_AXIL_CORE_rresp(core_rresp),
      .S_AXIL_CORE_rvalid(core_rvalid),
      .S_AXIL_CORE_rready(core_rready),
      .S_AXIS_HISTOGRAMS_tdata(histograms_tdata),
      .S_AXIS_HISTOGRAMS_tvalid(histograms_tvalid),
      .S_AXIS_HISTOGRAMS_tready(histograms_tready),
      .S_AXIS_HISTOGRAMS_tlast(histograms_tlast),
      .M_AXIS_LIFETIMES_tdata(lifetimes_tdata),
      .M_AXIS_LIFETIMES_tvalid(lifetimes_tvalid),
      .M_AXIS_LIFETIMES_tready(lifetimes_tready),
      .M_AXIS_LIFETIMES_tlast(lifetimes_tlast)
  );

  fx3_slave_fifo fifo (
      .link_clk(link_clk),
      .link_rst_n(link_rst_n),
      .fx3_slcs_n(fx3_slcs_n),
      .fx3_slwr_n(fx3_slwr_n),
      .fx3_slrd_n(fx3_slrd_n),
      .fx3_sloe_n(fx3_sloe_n),
      .fx3_pktend_n(fx3_pktend_n),
      .fx3_fifoadr(fx3_fifoadr),
      .fx3_dq_i(dq_in),
      .fx3_dq_o(dq_out),
      .fx3_dq_t(dq_release),
      .fx3_flaga(fx3_flaga),
      .fx3_flagb(fx3_flagb),
      .fx3_flagc(fx3_flagc),
      .fx3_flagd(fx3_flagd),
      .s_axis_link_tdata(link_tdata),
      .s_axis_link_tkeep(link_tkeep),
      .s_axis_link_tvalid(link_tvalid),
      .s_axis_link_tready(link_tready),
      .s_axis_link_tlast(link_tlast),
      .m_axis_inject_tdata(inject_tdata),
      .m_axis_inject_tkeep(inject_tkeep),
      .m_axis_inject_tvalid(inject_tvalid),
      .m_axis_inject_tready(inject_tready),
      .m_axis_inject_tlast(inject_tlast),
      .m_request_valid(request_valid),
      .m_request_ready(request_ready),
      .m_request_data(request_data),
      .s_reply_valid(reply_valid),
      .s_reply_ready(reply_ready),
      .s_reply_data(reply_data)
  );

  register_port registers (
      .link_clk(link_clk),
      .link_rst_n(link_rst_n),
      .s_request_valid(request_valid),
      .s_request_ready(request_ready),
      .s_request_data(request_data),
      .m_reply_valid(reply_valid),
      .m_reply_ready(reply_ready),
      .m_reply_data(reply_data),
      .clk(core_clk),
      .rst_n(system_rst_n),
      .m_axil_awaddr(registers_awaddr),
      .m_axil_araddr(registers_araddr),
      .m_axil_awvalid(registers_awvalid),
      .m_axil_awready(registers_awready),
      .m_axil_wdata(registers_wdata),
      .m_axil_wstrb(registers_wstrb),
      .m_axil_wvalid(registers_wvalid),
      .m_axil_wready(registers_wready),
      .m_axil_bresp(registers_bresp),
      .m_axil_bvalid(registers_bvalid),
      .m_axil_bready(registers_bready),
      .m_axil_arvalid(registers_arvalid),
      .m_axil_arready(registers_arready),
      .m_axil_rdata(registers_rdata),
      .m_axil_rresp(registers_rresp),
      .m_axil_rvalid(registers_rvalid),
      .m_axil_rready(registers_rready)
  );

  camera_head #(
      .WIDTH(WIDTH),
      .HEIGHT(HEIGHT),
      .BINS(BINS),
      .BIN_WIDTH_FS(BIN_WIDTH_FS),
      .LASER_PERIOD_FS(LASER_PERIOD_FS),
      .FRAME_PERIOD_US(FRAME_PERIOD_US),
      .MIN_PHOTONS(MIN_PHOTONS),
      .TICK_HZ(TICK_HZ),
      .SENSOR_HZ(SENSOR_HZ),
      .PIXEL_BITS(PIXEL_BITS),
      .BIN_BITS(BIN_BITS),
      .WORD_BITS(WORD_BITS),
      .PAYLOAD_BITS(PAYLOAD_BITS),
      .FIRMWARE_VERSION(FIRMWARE_VERSION),
      .SERIAL(SERIAL),
      .BITSTREAM_ID(BITSTREAM_ID),
      .SOURCE_REVISION(SOURCE_REVISION),
      .MODEL_HASH(MODEL_HASH)
  ) head (
      .clk(core_clk),
      .rst_n(system_rst_n),
      .irq(irq),
      .sensor_clk(sensor_clk_buffered),
      .sensor_rst_n(sensor_rst_n),
      .sensor_valid(sensor_valid),
      .sensor_pixel(sensor_pixel),
      .sensor_bin(sensor_bin),
      .sensor_exposing(exposing),
      .s_axil_awaddr(registers_awaddr),
      .s_axil_araddr(registers_araddr),
      .s_axil_awvalid(registers_awvalid),
      .s_axil_awready(registers_awready),
      .s_axil_wdata(registers_wdata),
      .s_axil_wstrb(registers_wstrb),
      .s_axil_wvalid(registers_wvalid),
      .s_axil_wready(registers_wready),
      .s_axil_bresp(registers_bresp),
      .s_axil_bvalid(registers_bvalid),
      .s_axil_bready(registers_bready),
      .s_axil_arvalid(registers_arvalid),
      .s_axil_arready(registers_arready),
      .s_axil_rdata(registers_rdata),
      .s_axil_rresp(registers_rresp),
      .s_axil_rvalid(registers_rvalid),
      .s_axil_rready(registers_rready),
      .m_axil_core_awaddr(core_awaddr),
      .m_axil_core_araddr(core_araddr),
      .m_axil_core_awvalid(core_awvalid),
      .m_axil_core_awready(core_awready),
      .m_axil_core_wdata(core_wdata),
      .m_axil_core_wstrb(core_wstrb),
      .m_axil_core_wvalid(core_wvalid),
      .m_axil_core_wready(core_wready),
      .m_axil_core_bresp(core_bresp),
      .m_axil_core_bvalid(core_bvalid),
      .m_axil_core_bready(core_bready),
      .m_axil_core_arvalid(core_arvalid),
      .m_axil_core_arready(core_arready),
      .m_axil_core_rdata(core_rdata),
      .m_axil_core_rresp(core_rresp),
      .m_axil_core_rvalid(core_rvalid),
      .m_axil_core_rready(core_rready),
      .m_axis_histograms_tdata(histograms_tdata),
      .m_axis_histograms_tvalid(histograms_tvalid),
      .m_axis_histograms_tready(histograms_tready),
      .m_axis_histograms_tlast(histograms_tlast),
      .s_axis_lifetimes_tdata(lifetimes_tdata),
      .s_axis_lifetimes_tvalid(lifetimes_tvalid),
      .s_axis_lifetimes_tready(lifetimes_tready),
      .s_axis_lifetimes_tlast(lifetimes_tlast),
      .link_clk(link_clk),
      .link_rst_n(link_rst_n),
      .m_axis_link_tdata(link_tdata),
      .m_axis_link_tkeep(link_tkeep),
      .m_axis_link_tvalid(link_tvalid),
      .m_axis_link_tready(link_tready),
      .m_axis_link_tlast(link_tlast),
      .s_axis_inject_tdata(inject_tdata),
      .s_axis_inject_tkeep(inject_tkeep),
      .s_axis_inject_tvalid(inject_tvalid),
      .s_axis_inject_tready(inject_tready),
      .s_axis_inject_tlast(inject_tlast)
  );
endmodule

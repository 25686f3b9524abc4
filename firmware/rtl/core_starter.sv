// Starts the lifetime core for a frame over its AXI-Lite slave: waits until it is idle (an ap_start written just before
// the end of the call before would be cleared with that call), then writes pixels, min_photons, bins and ap_start.
// The core with a model as constants has no `bins`: its slave decodes 5 address bits, so that a write to 0x20 would be
// one to its control register. TAKES_BINS = 0 leaves that write out.
`default_nettype none

module core_starter #(
    parameter bit TAKES_BINS = 1
) (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  start,
    input  wire  [31:0] pixels,
    input  wire  [31:0] min_photons,
    input  wire  [31:0] bin_count,
    output logic busy,
    // Pulse: the core answered an access with an error.
    output logic refused,
    output logic [15:0] m_axil_awaddr,
    output logic m_axil_awvalid,
    input  wire  m_axil_awready,
    output logic [31:0] m_axil_wdata,
    output logic [3:0] m_axil_wstrb,
    output logic m_axil_wvalid,
    input  wire  m_axil_wready,
    input  wire  [1:0] m_axil_bresp,
    input  wire  m_axil_bvalid,
    output logic m_axil_bready,
    output logic [15:0] m_axil_araddr,
    output logic m_axil_arvalid,
    input  wire  m_axil_arready,
    input  wire  [31:0] m_axil_rdata,
    input  wire  [1:0] m_axil_rresp,
    input  wire  m_axil_rvalid,
    output logic m_axil_rready
);
  localparam logic [15:0] CONTROL = 16'h0000;
  localparam logic [15:0] PIXELS = 16'h0010;
  localparam logic [15:0] MIN_PHOTONS = 16'h0018;
  localparam logic [15:0] BINS = 16'h0020;
  localparam int AP_IDLE = 2;

  typedef enum logic [2:0] {IDLE, ASK, WRITE_PIXELS, WRITE_MIN_PHOTONS, WRITE_BINS, WRITE_START} state_t;
  state_t state_reg;

  assign busy = state_reg != IDLE;
  assign m_axil_wstrb = 4'hf;
  assign m_axil_araddr = CONTROL;
  assign m_axil_bready = 1'b1;
  assign m_axil_rready = 1'b1;

  always_comb begin
    case (state_reg)
      WRITE_PIXELS: {m_axil_awaddr, m_axil_wdata} = {PIXELS, pixels};
      WRITE_MIN_PHOTONS: {m_axil_awaddr, m_axil_wdata} = {MIN_PHOTONS, min_photons};
      WRITE_BINS: {m_axil_awaddr, m_axil_wdata} = {BINS, bin_count};
      default: {m_axil_awaddr, m_axil_wdata} = {CONTROL, 32'd1};
    endcase
  end

  wire idle_read = m_axil_rvalid && m_axil_rdata[AP_IDLE];
  wire written = m_axil_bvalid;
  wire begin_write = state_reg == ASK ? idle_read : written && state_reg != WRITE_START;

  always_ff @(posedge clk) begin
    refused <= rst_n && ((m_axil_bvalid && m_axil_bresp != 0) || (m_axil_rvalid && m_axil_rresp != 0));
    if (!rst_n) begin
      state_reg <= IDLE;
      {m_axil_awvalid, m_axil_wvalid, m_axil_arvalid} <= '0;
    end else begin
      case (state_reg)
        IDLE: if (start) state_reg <= ASK;
        ASK: if (idle_read) state_reg <= WRITE_PIXELS;
        WRITE_PIXELS: if (written) state_reg <= WRITE_MIN_PHOTONS;
        WRITE_MIN_PHOTONS: if (written) state_reg <= TAKES_BINS ? WRITE_BINS : WRITE_START;
        WRITE_BINS: if (written) state_reg <= WRITE_START;
        default: if (written) state_reg <= IDLE;
      endcase
      if (begin_write) m_axil_awvalid <= 1'b1;
      else if (m_axil_awready) m_axil_awvalid <= 1'b0;
      if (begin_write) m_axil_wvalid <= 1'b1;
      else if (m_axil_wready) m_axil_wvalid <= 1'b0;
      if ((state_reg == IDLE && start) || (state_reg == ASK && m_axil_rvalid && !idle_read)) m_axil_arvalid <= 1'b1;
      else if (m_axil_arready) m_axil_arvalid <= 1'b0;
    end
  end
endmodule

`default_nettype wire

// Register accesses that come as words through a FIFO link. A request is two words: write << 31 | byte address, then
// the value (any for a read). Every request is answered by two words: refused << 31 | address, then the value read
// (0 for a write). One request at a time; the words are of link_clk, the AXI-Lite master of clk.
module register_port (
    input  logic        link_clk,
    input  logic        link_rst_n,
    input  logic        s_request_valid,
    output logic        s_request_ready,
    input  logic [31:0] s_request_data,
    output logic        m_reply_valid,
    input  logic        m_reply_ready,
    output logic [31:0] m_reply_data,

    input  logic        clk,
    input  logic        rst_n,
    output logic [11:0] m_axil_awaddr,
    output logic        m_axil_awvalid,
    input  logic        m_axil_awready,
    output logic [31:0] m_axil_wdata,
    output logic [ 3:0] m_axil_wstrb,
    output logic        m_axil_wvalid,
    input  logic        m_axil_wready,
    input  logic [ 1:0] m_axil_bresp,
    input  logic        m_axil_bvalid,
    output logic        m_axil_bready,
    output logic [11:0] m_axil_araddr,
    output logic        m_axil_arvalid,
    input  logic        m_axil_arready,
    input  logic [31:0] m_axil_rdata,
    input  logic [ 1:0] m_axil_rresp,
    input  logic        m_axil_rvalid,
    output logic        m_axil_rready
);
  typedef enum logic [2:0] {
    kAddress,
    kValue,
    kAccess,        // waits for the slave's answer
    kReplyAddress,
    kReplyValue
  } state_t;

  state_t state;
  logic write, refused;
  logic [30:0] address;
  logic [31:0] value;

  logic request_valid, reply_ready;
  logic [31:0] request_data;
  wire request_ready = state == kAddress || state == kValue;
  wire reply_valid = state == kReplyAddress || state == kReplyValue;
  wire [31:0] reply_data = state == kReplyAddress ? {refused, address} : value;
  // An address beyond the register map must not be taken for a register by its lower bits.
  wire beyond = address[30:12] != 0;

  assign m_axil_awaddr = address[11:0];
  assign m_axil_araddr = address[11:0];
  assign m_axil_wdata = value;
  assign m_axil_wstrb = 4'b1111;
  assign m_axil_bready = state == kAccess && write;
  assign m_axil_rready = state == kAccess && !write;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      state <= kAddress;
      m_axil_awvalid <= 0;
      m_axil_wvalid <= 0;
      m_axil_arvalid <= 0;
    end else begin
      if (m_axil_awready) m_axil_awvalid <= 0;
      if (m_axil_wready) m_axil_wvalid <= 0;
      if (m_axil_arready) m_axil_arvalid <= 0;
      case (state)
        kAddress:
        if (request_valid) begin
          {write, address} <= request_data;
          state <= kValue;
        end
        kValue:
        if (request_valid) begin
          value <= beyond ? '0 : request_data;
          refused <= beyond;
          state <= beyond ? kReplyAddress : kAccess;
          m_axil_awvalid <= write && !beyond;
          m_axil_wvalid <= write && !beyond;
          m_axil_arvalid <= !write && !beyond;
        end
        kAccess:
        if (write ? m_axil_bvalid : m_axil_rvalid) begin
          refused <= write ? m_axil_bresp != 0 : m_axil_rresp != 0;
          value <= write || m_axil_rresp != 0 ? '0 : m_axil_rdata;
          state <= kReplyAddress;
        end
        kReplyAddress: if (reply_ready) state <= kReplyValue;
        default: if (reply_ready) state <= kAddress;
      endcase
    end
  end

  async_fifo #(
      .WIDTH(32),
      .DEPTH_BITS(4)
  ) requests (
      .wr_clk(link_clk),
      .wr_rst_n(link_rst_n),
      .wr_valid(s_request_valid),
      .wr_ready(s_request_ready),
      .wr_data(s_request_data),
      .wr_level(),
      .rd_clk(clk),
      .rd_rst_n(rst_n),
      .rd_valid(request_valid),
      .rd_ready(request_ready),
      .rd_data(request_data)
  );

  async_fifo #(
      .WIDTH(32),
      .DEPTH_BITS(4)
  ) replies (
      .wr_clk(clk),
      .wr_rst_n(rst_n),
      .wr_valid(reply_valid),
      .wr_ready(reply_ready),
      .wr_data(reply_data),
      .wr_level(),
      .rd_clk(link_clk),
      .rd_rst_n(link_rst_n),
      .rd_valid(m_reply_valid),
      .rd_ready(m_reply_ready),
      .rd_data(m_reply_data)
  );
endmodule

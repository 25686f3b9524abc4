// Lets exactly a frame's results through, whatever the core does: results that are missing at its TLAST are given out
// as zeros ("no valid estimate"), results beyond the last pixel are swallowed up to TLAST, and so is what comes while
// no frame is open. Each of these is a `mismatch`.
`default_nettype none

module result_gate (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  open,
    input  wire  [23:0] pixel_count,
    output logic busy,
    output logic mismatch,
    input  wire  s_axis_tvalid,
    output logic s_axis_tready,
    input  wire  [63:0] s_axis_tdata,
    input  wire  s_axis_tlast,
    output logic m_axis_tvalid,
    input  wire  m_axis_tready,
    output logic [63:0] m_axis_tdata,
    output logic m_axis_tlast
);
  typedef enum logic [1:0] {CLOSED, OPEN, FILL, SWALLOW} state_t;
  state_t state_reg;
  // Two beats a pixel.
  logic [24:0] beats_left_reg;

  wire passing = state_reg == OPEN;
  assign busy = state_reg != CLOSED;
  assign s_axis_tready = passing ? m_axis_tready : state_reg != FILL;
  assign m_axis_tvalid = passing ? s_axis_tvalid : state_reg == FILL;
  assign m_axis_tdata = passing ? s_axis_tdata : 64'd0;
  assign m_axis_tlast = beats_left_reg == 1;

  wire given = s_axis_tvalid && s_axis_tready;
  wire taken = m_axis_tvalid && m_axis_tready;

  always_ff @(posedge clk) begin
    if (open) beats_left_reg <= {pixel_count, 1'b0};
    else if (taken) beats_left_reg <= beats_left_reg - 1'b1;
    mismatch <= rst_n && given && (passing ? s_axis_tlast != m_axis_tlast : state_reg == CLOSED);
    if (!rst_n) begin
      state_reg <= CLOSED;
    end else begin
      case (state_reg)
        CLOSED: if (open) state_reg <= OPEN;
        OPEN:
          if (given && m_axis_tlast) state_reg <= s_axis_tlast ? CLOSED : SWALLOW;
          else if (given && s_axis_tlast) state_reg <= FILL;
        FILL: if (taken && m_axis_tlast) state_reg <= CLOSED;
        default: if (given && s_axis_tlast) state_reg <= CLOSED;
      endcase
    end
  end
endmodule

`default_nettype wire

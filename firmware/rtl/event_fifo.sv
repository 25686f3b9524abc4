// Events from the sensor's clock to the data path's. There is no back-pressure toward the sensor: an event offered
// while only MARK_ROOM places are left is lost and counted. Marks may use these places; a device has no more than
// two frames under way, so they never fill them.
module event_fifo #(
    parameter int DEPTH_BITS = 9,
    parameter int MARK_ROOM  = 4
) (
    input  logic        sensor_clk,
    input  logic        sensor_rst_n,
    input  logic        s_event_valid,
    input  logic        s_event_mark,
    input  logic [23:0] s_event_pixel,
    input  logic [15:0] s_event_bin,
    output logic        s_event_almost_full,  // three quarters full

    input  logic        clk,
    input  logic        rst_n,
    output logic        m_event_valid,
    input  logic        m_event_ready,
    output logic        m_event_mark,
    output logic [23:0] m_event_pixel,
    output logic [15:0] m_event_bin,
    output logic [ 7:0] lost_events     // lost, as told in this cycle: to be added up
);
  localparam logic [DEPTH_BITS:0] kEventLimit = (DEPTH_BITS + 1)'((1 << DEPTH_BITS) - MARK_ROOM);
  localparam logic [DEPTH_BITS:0] kAlmostFull = 3 << (DEPTH_BITS - 2);

  logic [DEPTH_BITS:0] level;
  logic room;

  wire admitted = s_event_mark || level < kEventLimit;
  wire lost = s_event_valid && !(admitted && room);

  async_fifo #(
      .WIDTH(41),
      .DEPTH_BITS(DEPTH_BITS)
  ) fifo (
      .wr_clk(sensor_clk),
      .wr_rst_n(sensor_rst_n),
      .wr_valid(s_event_valid && admitted),
      .wr_ready(room),
      .wr_data({s_event_mark, s_event_pixel, s_event_bin}),
      .wr_level(level),
      .rd_clk(clk),
      .rd_rst_n(rst_n),
      .rd_valid(m_event_valid),
      .rd_ready(m_event_ready),
      .rd_data({m_event_mark, m_event_pixel, m_event_bin})
  );

  count_crossing #(
      .WIDTH(8)
  ) losses (
      .from_clk(sensor_clk),
      .from_rst_n(sensor_rst_n),
      .from_pulse(lost),
      .to_clk(clk),
      .to_rst_n(rst_n),
      .to_increment(lost_events)
  );

  always_ff @(posedge sensor_clk) s_event_almost_full <= sensor_rst_n && level >= kAlmostFull;
endmodule

// Cuts exposures out of the photons of a free-running sensor: from `exposure_start` for `exposure_ticks` of the
// device clock photons go on as events, then one mark. Photons outside an exposure are not passed.
// Ticks are counted in sensor_clk exactly, whatever the two frequencies are (the rest is carried on).
module exposure_timer #(
    parameter int TICK_HZ = 100_000_000,
    parameter int SENSOR_HZ = 100_000_000,
    parameter int MINIMUM_TICKS = 1000  // the exposure where exposure_ticks is 0 ("as fast as the sensor goes")
) (
    input  logic        sensor_clk,
    input  logic        sensor_rst_n,
    input  logic        exposure_start,  // ignored until the mark is out
    input  logic [63:0] exposure_ticks,  // taken with exposure_start
    input  logic        s_photon_valid,
    input  logic [23:0] s_photon_pixel,
    input  logic [15:0] s_photon_bin,
    output logic        m_event_valid,
    output logic        m_event_mark,
    output logic [23:0] m_event_pixel,
    output logic [15:0] m_event_bin,
    output logic        exposing
);
  localparam logic [31:0] kSensorHz = SENSOR_HZ;
  localparam logic [31:0] kWholeTicks = TICK_HZ / SENSOR_HZ;  // a cycle is this many ticks
  localparam logic [31:0] kRestHz = TICK_HZ % SENSOR_HZ;  // and this / SENSOR_HZ of one

  logic [63:0] remaining_ticks;
  logic [31:0] rest_hz;  // below SENSOR_HZ

  wire [32:0] rest_sum = {1'b0, rest_hz} + {1'b0, kRestHz};
  wire carry = rest_sum >= {1'b0, kSensorHz};
  wire [63:0] passed_ticks = {32'b0, kWholeTicks} + 64'(carry);
  wire last_cycle = remaining_ticks <= passed_ticks;

  always_ff @(posedge sensor_clk) begin
    m_event_valid <= exposing && s_photon_valid;
    m_event_mark  <= 0;
    m_event_pixel <= s_photon_pixel;
    m_event_bin   <= s_photon_bin;
    if (!sensor_rst_n) begin
      exposing <= 0;
      m_event_valid <= 0;
      rest_hz <= 0;
      remaining_ticks <= 0;
    end else if (!exposing) begin
      // The cycle behind the window: remaining_ticks is 1 there and 0 when the mark is out.
      if (remaining_ticks != 0) begin
        m_event_valid <= 1;
        m_event_mark <= 1;
        remaining_ticks <= 0;
      end else if (exposure_start) begin
        exposing <= 1;
        rest_hz <= 0;
        remaining_ticks <= exposure_ticks != 0 ? exposure_ticks : 64'(MINIMUM_TICKS);
      end
    end else begin
      rest_hz <= 32'(carry ? rest_sum - {1'b0, kSensorHz} : rest_sum);
      remaining_ticks <= last_cycle ? 64'd1 : remaining_ticks - passed_ticks;
      exposing <= !last_cycle;
    end
  end
endmodule

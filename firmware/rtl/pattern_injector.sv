// Histograms of the host in the place of the sensor's. The sensor's frame is swallowed, exactly as many beats of the
// host's stream go on. A host's frame that ends early is filled up with 0; one that goes on is swallowed up to its
// TLAST before the next frame begins. Where the host sends nothing the frame waits, unless `flush` ends it.
module pattern_injector (
    input logic        clk,
    input logic        rst_n,
    input logic [31:0] frame_beats,
    input logic        source,       // 0: sensor, 1: host; taken at a frame's first sensor beat
    input logic        flush,        // level: an injected frame under way is filled up with 0 at once, no error told

    input  logic        s_axis_sensor_tvalid,
    output logic        s_axis_sensor_tready,
    input  logic [63:0] s_axis_sensor_tdata,
    input  logic        s_axis_sensor_tlast,

    input  logic        s_axis_inject_tvalid,
    output logic        s_axis_inject_tready,
    input  logic [63:0] s_axis_inject_tdata,
    input  logic [ 7:0] s_axis_inject_tkeep,   // bytes not kept are 0
    input  logic        s_axis_inject_tlast,

    output logic        m_axis_histograms_tvalid,
    input  logic        m_axis_histograms_tready,
    output logic [63:0] m_axis_histograms_tdata,
    output logic        m_axis_histograms_tlast,

    output logic injection_short,  // pulse a frame
    output logic injection_long    // pulse a frame
);
  typedef enum logic [1:0] {
    kIdle,
    kSensor,
    kHost,  // beats from the host
    kFill   // beats of 0
  } state_t;

  state_t state;
  logic sensor_left;  // the sensor's frame is not swallowed yet
  logic tail_left;    // the host's frame has more beats than ours
  logic host_begun;   // a beat of this frame has been taken from the host
  logic [31:0] beats_left;

  wire injecting = state == kHost || state == kFill;
  wire last_beat = beats_left == 1;
  // A beat that stands offered is never taken back: flush waits until the host has none on offer.
  wire flushing = state == kHost && flush && !s_axis_inject_tvalid;

  logic [63:0] kept;
  always_comb begin
    for (int i = 0; i < 8; i++) kept[8*i+:8] = s_axis_inject_tkeep[i] ? s_axis_inject_tdata[8*i+:8] : 8'd0;
  end

  always_comb begin
    m_axis_histograms_tvalid = state == kSensor ? s_axis_sensor_tvalid : state == kFill && beats_left != 0;
    m_axis_histograms_tdata = state == kSensor ? s_axis_sensor_tdata : 64'd0;
    m_axis_histograms_tlast = state == kSensor ? s_axis_sensor_tlast : last_beat;
    if (state == kHost) begin
      m_axis_histograms_tvalid = s_axis_inject_tvalid;
      m_axis_histograms_tdata  = kept;
    end
  end

  assign s_axis_sensor_tready = state == kSensor ? m_axis_histograms_tready : injecting && sensor_left;
  assign s_axis_inject_tready = state == kHost ? m_axis_histograms_tready : tail_left;

  wire out_taken = m_axis_histograms_tvalid && m_axis_histograms_tready;
  wire sensor_end = s_axis_sensor_tvalid && s_axis_sensor_tready && s_axis_sensor_tlast;
  wire tail_end = tail_left && s_axis_inject_tvalid && s_axis_inject_tlast;
  // The sensor's frame must be gone before ours may end, so that the next one begins with its first beat.
  wire frame_over = injecting && beats_left == 0 && !sensor_left;

  always_ff @(posedge clk) begin
    injection_short <= 0;
    injection_long <= 0;
    if (!rst_n) begin
      state <= kIdle;
      sensor_left <= 0;
      tail_left <= 0;
      host_begun <= 0;
      beats_left <= 0;
    end else begin
      if (sensor_end) sensor_left <= 0;
      if (tail_end) tail_left <= 0;
      case (state)
        kIdle:
        if (s_axis_sensor_tvalid && !source) begin
          state <= kSensor;
        end else if (s_axis_sensor_tvalid && !tail_left) begin
          state <= kHost;
          sensor_left <= 1;
          host_begun <= 0;
          beats_left <= frame_beats;
        end
        kSensor: if (sensor_end) state <= kIdle;
        kHost:
        if (out_taken) begin
          host_begun <= 1;
          beats_left <= beats_left - 1;
          injection_short <= s_axis_inject_tlast && !last_beat;
          injection_long <= !s_axis_inject_tlast && last_beat;
          if (last_beat || s_axis_inject_tlast) state <= kFill;
          if (last_beat && !s_axis_inject_tlast) tail_left <= 1;
        end else if (flushing) begin
          state <= kFill;
          tail_left <= host_begun;
        end
        default: begin  // kFill
          if (out_taken) beats_left <= beats_left - 1;
          if (frame_over) state <= kIdle;
        end
      endcase
    end
  end
endmodule

// Photon events become histograms: a ping-pong memory of two halves, 2^WORD_BITS words of four bins each. One half
// takes an event a cycle while the other is read as a stream and cleared behind the reader. A mark in the event
// stream closes the half that is filled. Where both halves are closed, events wait at s_event_ready.
module photon_histogrammer #(
    parameter int WORD_BITS = 12
) (
    input logic               clk,
    input logic               rst_n,
    // Geometry: constant, valid before the first event.
    input logic [       23:0] pixel_count,
    input logic [       13:0] quads_per_pixel,
    input logic [WORD_BITS:0] frame_words,

    output logic ready,  // low after reset until both halves are clean: 2^WORD_BITS cycles

    input  logic        s_event_valid,
    input  logic        s_event_mark,
    input  logic [23:0] s_event_pixel,
    input  logic [15:0] s_event_bin,
    output logic        s_event_ready,

    output logic       saturated,     // pulse an event
    output logic       outside,       // pulse an event
    output logic       frame_closed,  // pulse a mark
    output logic [1:0] halves_free,   // neither closed nor being read

    input  logic read_start,      // pulse, when read_available and not read_busy: the oldest closed half
    input  logic read_discard,    // with read_start: clear it without a stream
    output logic read_available,
    output logic read_busy,
    output logic read_done,       // pulse: read, cleared and given back

    output logic        m_axis_histograms_tvalid,
    input  logic        m_axis_histograms_tready,
    output logic [63:0] m_axis_histograms_tdata,
    output logic        m_axis_histograms_tlast
);
  // After a reset the memory holds what it held, or anything after power-on: sweep it.
  logic [WORD_BITS-1:0] sweep_address;
  logic sweeping;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      sweeping <= 1;
      sweep_address <= 0;
    end else if (sweeping) begin
      sweep_address <= sweep_address + 1'b1;
      sweeping <= sweep_address != {WORD_BITS{1'b1}};
    end
  end
  assign ready = !sweeping;

  // Which half is filled, which is read, and how many are closed.
  logic fill_half, read_half, mark_pending, quiet;
  logic [1:0] closed_count;

  assign s_event_ready = ready && !mark_pending && closed_count != 2;
  wire event_taken = s_event_valid && s_event_ready;
  // The mark closes the half once the events before it are written.
  assign frame_closed = mark_pending && quiet;
  assign halves_free = ready ? 2'd2 - closed_count : 2'd0;
  assign read_available = closed_count != 0;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      fill_half <= 0;
      read_half <= 0;
      mark_pending <= 0;
      closed_count <= 0;
    end else begin
      if (event_taken && s_event_mark) mark_pending <= 1;
      else if (frame_closed) mark_pending <= 0;
      if (frame_closed) fill_half <= !fill_half;
      if (read_done) read_half <= !read_half;
      closed_count <= closed_count + 2'(frame_closed) - 2'(read_done);
    end
  end

  logic [WORD_BITS-1:0] count_read_address, count_write_address;
  logic [63:0] count_write_data;
  logic count_write_enable;
  logic [127:0] bank_data;  // of the two halves

  event_accumulator #(
      .WORD_BITS(WORD_BITS)
  ) accumulator (
      .clk(clk),
      .rst_n(rst_n),
      .pixel_count(pixel_count),
      .quads_per_pixel(quads_per_pixel),
      .event_valid(event_taken && !s_event_mark),
      .event_pixel(s_event_pixel),
      .event_bin(s_event_bin),
      .read_address(count_read_address),
      .read_data(fill_half ? bank_data[127:64] : bank_data[63:0]),
      .write_enable(count_write_enable),
      .write_address(count_write_address),
      .write_data(count_write_data),
      .saturated(saturated),
      .outside(outside),
      .quiet(quiet)
  );

  logic [WORD_BITS-1:0] stream_read_address, clear_address;
  logic stream_read_enable, clear_enable;

  histogram_reader #(
      .WORD_BITS(WORD_BITS)
  ) reader (
      .clk(clk),
      .rst_n(rst_n),
      .frame_words(frame_words),
      .start(read_start && read_available),
      .discard(read_discard),
      .busy(read_busy),
      .done(read_done),
      .read_enable(stream_read_enable),
      .read_address(stream_read_address),
      .read_data(read_half ? bank_data[127:64] : bank_data[63:0]),
      .clear_enable(clear_enable),
      .clear_address(clear_address),
      .m_axis_histograms_tvalid(m_axis_histograms_tvalid),
      .m_axis_histograms_tready(m_axis_histograms_tready),
      .m_axis_histograms_tdata(m_axis_histograms_tdata),
      .m_axis_histograms_tlast(m_axis_histograms_tlast)
  );

  for (genvar half = 0; half < 2; half++) begin : halves
    wire reading = read_busy && read_half == 1'(half);
    wire counting = count_write_enable && fill_half == 1'(half);

    logic write_enable;
    logic [WORD_BITS-1:0] write_address;
    logic [63:0] write_data;

    always_comb begin
      write_enable = sweeping || (reading ? clear_enable : counting);
      write_address = count_write_address;
      if (sweeping) write_address = sweep_address;
      else if (reading) write_address = clear_address;
      write_data = sweeping || reading ? 64'd0 : count_write_data;
    end

    histogram_bank #(
        .WORD_BITS(WORD_BITS)
    ) bank (
        .clk(clk),
        .read_enable(reading ? stream_read_enable : 1'b1),
        .read_address(reading ? stream_read_address : count_read_address),
        .read_data(bank_data[64*half+:64]),
        .write_enable(write_enable),
        .write_address(write_address),
        .write_data(write_data)
    );
  end
endmodule

// Counts events into histogram words, one event a cycle: address = pixel * quads_per_pixel + bin / 4 in a pipelined
// multiplier, then read, add, write. A word that one of the three events before has not yet written back is
// forwarded, so that any order of events counts right. Counts stop at 65535.
module event_accumulator #(
    parameter int WORD_BITS = 12
) (
    input  logic                 clk,
    input  logic                 rst_n,
    input  logic [         23:0] pixel_count,
    input  logic [         13:0] quads_per_pixel,
    input  logic                 event_valid,
    input  logic [         23:0] event_pixel,
    input  logic [         15:0] event_bin,
    output logic [WORD_BITS-1:0] read_address,     // of a memory that answers two cycles later
    input  logic [         63:0] read_data,
    output logic                 write_enable,
    output logic [WORD_BITS-1:0] write_address,
    output logic [         63:0] write_data,
    output logic                 saturated,        // pulse: the event's bin stood at 65535 already
    output logic                 outside,          // pulse: the event's pixel or bin is not in the image
    output logic                 quiet             // nothing under way
);
  // Stages: 0 multiply, 1 add, 2 read, 3 memory output, 4 add one, 5 write, 6 and 7 remembered for forwarding.
  localparam int kStages = 8;
  localparam int kRead = 2, kMemory = 3, kAdd = 4, kWrite = 5;

  logic [kStages-1:0] valid;
  logic [WORD_BITS-1:0] address[kRead:kStages-1];
  logic [1:0] lane[0:kAdd];
  logic [63:0] written[kWrite:kStages-1];
  logic [2:0] forward;  // stage kAdd's word is in stage kWrite, + 1, + 2

  logic [WORD_BITS-1:0] pixel_reg, quad_reg, product_reg, quad_late;

  wire in_image = event_pixel < pixel_count && event_bin[15:2] < quads_per_pixel;

  assign read_address = address[kRead];
  assign quiet = valid[kWrite:0] == 0;

  // Stages 0 to 2: the word's address. Inside the image it fits WORD_BITS, and so do its factors.
  always_ff @(posedge clk) begin
    pixel_reg <= WORD_BITS'(event_pixel);
    quad_reg <= WORD_BITS'(event_bin[15:2]);
    product_reg <= WORD_BITS'(pixel_reg * quads_per_pixel);
    quad_late <= quad_reg;
    address[kRead] <= product_reg + quad_late;
    lane[0] <= event_bin[1:0];
    for (int i = 1; i <= kAdd; i++) lane[i] <= lane[i-1];
    for (int i = kRead + 1; i < kStages; i++) address[i] <= address[i-1];
  end

  // Who holds a newer word than the memory, found a stage ahead.
  always_ff @(posedge clk) begin
    for (int i = 0; i < 3; i++) forward[i] <= valid[kAdd+i] && address[kAdd+i] == address[kMemory];
  end

  // Stage 4: add one to the lane.
  logic [63:0] word, sum;
  logic full;
  always_comb begin
    if (forward[0]) word = written[kWrite];
    else if (forward[1]) word = written[kWrite+1];
    else if (forward[2]) word = written[kWrite+2];
    else word = read_data;
    full = word[16*lane[kAdd]+:16] == 16'hffff;
    sum = word;
    if (!full) sum[16*lane[kAdd]+:16] = word[16*lane[kAdd]+:16] + 16'd1;
  end

  always_ff @(posedge clk) begin
    written[kWrite] <= sum;
    for (int i = kWrite + 1; i < kStages; i++) written[i] <= written[i-1];
    outside <= rst_n && event_valid && !in_image;
    saturated <= rst_n && valid[kAdd] && full;
    valid <= rst_n ? {valid[kStages-2:0], event_valid && in_image} : '0;
  end

  assign write_enable = valid[kWrite];
  assign write_address = address[kWrite];
  assign write_data = written[kWrite];
endmodule

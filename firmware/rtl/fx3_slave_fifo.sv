// Master of the 32-bit synchronous slave FIFO of a Cypress FX3 (application note AN65974), at its PCLK.
//   socket 0: packets to the host            socket 1: injected histograms from the host (see injection_framer)
//   socket 2: register requests from it      socket 3: replies to it
// Flags, as the FX3's firmware must set them up, high = may go on: A ready of the addressed socket, B watermark of the
// addressed socket (low when fewer than 8 words are left to write or to read), C ready of socket 1, D of socket 2.
//
// Flags come up to 3 cycles behind an access, and a register each way adds 2: while B is high words go every cycle,
// and what is under way when it is seen low still fits the 8 words. From there on, and in buffers shorter than that,
// each word is followed by a pause after which A is true again.
// PKTEND# commits a part-filled buffer of socket 0 only where a packet has ended and the stream then stood still for
// FLUSH_CYCLES: a stream that keeps coming fills whole buffers (full throughput), the last packet before a pause
// does not wait. A buffer that was just filled may then be followed by an empty USB packet, which is no data.
// A reply (two words) is committed with its second word.
module fx3_slave_fifo #(
    parameter int READ_LATENCY = 2,    // edges from the one that takes SLRD# to the one that puts the word on DQ
    parameter int SETTLE_CYCLES = 8,   // > 3 (flags) + 2 (registers), >= READ_LATENCY + 4
    parameter int FLUSH_CYCLES = 64,
    parameter int TURN_WORDS = 4096    // words of one socket before another gets its turn
) (
    input  logic        link_clk,
    input  logic        link_rst_n,
    output logic        fx3_slcs_n,
    output logic        fx3_slwr_n,
    output logic        fx3_slrd_n,
    output logic        fx3_sloe_n,
    output logic        fx3_pktend_n,
    output logic [ 1:0] fx3_fifoadr,
    input  logic [31:0] fx3_dq_i,
    output logic [31:0] fx3_dq_o,
    output logic [31:0] fx3_dq_t,      // high: the wire is left to the FX3; as the pads take it, without a gate between
    input  logic        fx3_flaga,
    input  logic        fx3_flagb,
    input  logic        fx3_flagc,
    input  logic        fx3_flagd,

    input  logic        s_axis_link_tvalid,
    output logic        s_axis_link_tready,
    input  logic [63:0] s_axis_link_tdata,
    input  logic [ 7:0] s_axis_link_tkeep,
    input  logic        s_axis_link_tlast,

    output logic        m_axis_inject_tvalid,
    input  logic        m_axis_inject_tready,
    output logic [63:0] m_axis_inject_tdata,
    output logic [ 7:0] m_axis_inject_tkeep,
    output logic        m_axis_inject_tlast,

    output logic        m_request_valid,
    input  logic        m_request_ready,
    output logic [31:0] m_request_data,
    input  logic        s_reply_valid,
    output logic        s_reply_ready,
    input  logic [31:0] s_reply_data
);
  localparam logic [1:0] kLink = 0, kInject = 1, kRequest = 2, kReply = 3;

  localparam int kSettleBits = $clog2(SETTLE_CYCLES + 1);
  localparam int kTurnBits = $clog2(TURN_WORDS + 1);
  localparam int kFlushBits = $clog2(FLUSH_CYCLES + 1);
  localparam logic [kSettleBits-1:0] kSettleCycles = kSettleBits'(SETTLE_CYCLES);
  localparam logic [kTurnBits-1:0] kTurnWords = kTurnBits'(TURN_WORDS);
  localparam logic [kFlushBits-1:0] kFlushCycles = kFlushBits'(FLUSH_CYCLES);

  typedef enum logic [1:0] {
    kChoose,
    kSettle,  // until the flags tell of the socket as it is now
    kTurn,    // words of one socket
    kLeave    // until the last word read has come
  } state_t;

  state_t state;
  logic [1:0] socket, last_socket;
  logic single;  // a word at a time
  logic [kSettleBits-1:0] settle_left;
  logic [kTurnBits-1:0] turn_left;

  // Pins: everything goes through a register, and that lies in the pad: it drives the pad alone, one for each wire's direction.
  // Synthesis would make one of registers that are alike; DONT_TOUCH keeps them apart.
  (* IOB = "TRUE" *) logic flag_a, flag_b, flag_c, flag_d;
  (* IOB = "TRUE" *) logic [31:0] dq_reg;
  (* IOB = "TRUE", DONT_TOUCH = "TRUE" *) logic slwr_n_reg, slrd_n_reg, sloe_n_reg, pktend_n_reg;
  (* IOB = "TRUE" *) logic [31:0] dq_o_reg;
  // Released from configuration on: the FX3 gives the clock later, and may drive by then.
  (* IOB = "TRUE", DONT_TOUCH = "TRUE" *) logic [31:0] dq_t_reg = '1;
  (* IOB = "TRUE", DONT_TOUCH = "TRUE" *) logic [1:0] fifoadr_reg;
  always_ff @(posedge link_clk) begin
    {flag_a, flag_b, flag_c, flag_d} <= {fx3_flaga, fx3_flagb, fx3_flagc, fx3_flagd};
    dq_reg <= fx3_dq_i;
  end
  assign fx3_slcs_n = 1'b0;
  assign {fx3_slwr_n, fx3_slrd_n, fx3_sloe_n, fx3_pktend_n} = {slwr_n_reg, slrd_n_reg, sloe_n_reg, pktend_n_reg};
  assign fx3_dq_o = dq_o_reg;
  assign fx3_dq_t = dq_t_reg;
  assign fx3_fifoadr = fifoadr_reg;

  // To the host
  logic word_valid, word_last, word_ready;
  logic [31:0] word_data;

  word_splitter splitter (
      .clk(link_clk),
      .rst_n(link_rst_n),
      .s_axis_tvalid(s_axis_link_tvalid),
      .s_axis_tready(s_axis_link_tready),
      .s_axis_tdata(s_axis_link_tdata),
      .s_axis_tkeep(s_axis_link_tkeep),
      .s_axis_tlast(s_axis_link_tlast),
      .m_word_valid(word_valid),
      .m_word_ready(word_ready),
      .m_word_data(word_data),
      .m_word_last(word_last)
  );

  // From the host: FIFOs with room for the words under way when they begin to fill.
  logic [READ_LATENCY+2:0] read_under_way, read_is_request;
  wire word_read = read_under_way[READ_LATENCY+2];
  logic [6:0] inject_level;
  logic [4:0] request_level;
  wire inject_room = inject_level < 48;
  wire request_room = request_level < 6;
  logic framer_valid, framer_ready;
  logic [31:0] framer_data;

  sync_fifo #(
      .WIDTH(32),
      .DEPTH_BITS(6)
  ) inject_words (
      .clk(link_clk),
      .rst_n(link_rst_n),
      .s_valid(word_read && !read_is_request[READ_LATENCY+2]),
      .s_ready(),
      .s_data(dq_reg),
      .m_valid(framer_valid),
      .m_ready(framer_ready),
      .m_data(framer_data),
      .level(inject_level)
  );

  injection_framer framer (
      .clk(link_clk),
      .rst_n(link_rst_n),
      .s_word_valid(framer_valid),
      .s_word_ready(framer_ready),
      .s_word_data(framer_data),
      .m_axis_tvalid(m_axis_inject_tvalid),
      .m_axis_tready(m_axis_inject_tready),
      .m_axis_tdata(m_axis_inject_tdata),
      .m_axis_tkeep(m_axis_inject_tkeep),
      .m_axis_tlast(m_axis_inject_tlast)
  );

  sync_fifo #(
      .WIDTH(32),
      .DEPTH_BITS(4)
  ) request_words (
      .clk(link_clk),
      .rst_n(link_rst_n),
      .s_valid(word_read && read_is_request[READ_LATENCY+2]),
      .s_ready(),
      .s_data(dq_reg),
      .m_valid(m_request_valid),
      .m_ready(m_request_ready),
      .m_data(m_request_data),
      .level(request_level)
  );

  // When to commit what socket 0 holds.
  logic uncommitted, packet_ended;
  logic [kFlushBits-1:0] still_cycles;
  wire flush_due = uncommitted && packet_ended && still_cycles == kFlushCycles;

  // Who wants the bus; the next one after the last served has the first choice.
  wire [3:0] wants = {s_reply_valid, flag_d && request_room, flag_c && inject_room, word_valid || flush_due};
  logic [1:0] choice;
  always_comb begin
    choice = last_socket;
    for (int i = 3; i >= 1; i--) begin
      if (wants[last_socket+2'(i)]) choice = last_socket + 2'(i);
    end
  end

  // What may be done in this cycle of a turn.
  wire is_write = socket == kLink || socket == kReply;
  wire may_go = state == kTurn && (single || flag_b);
  logic available;
  always_comb begin
    case (socket)
      kLink: available = word_valid;
      kInject: available = inject_room;
      kRequest: available = request_room;
      default: available = s_reply_valid;
    endcase
  end
  wire access = may_go && available;
  wire flush = state == kTurn && socket == kLink && !word_valid && flush_due;
  logic reply_second;
  wire commit_reply = access && socket == kReply && reply_second;

  assign word_ready = access && socket == kLink;
  assign s_reply_ready = access && socket == kReply;

  always_ff @(posedge link_clk) begin
    slwr_n_reg <= !(access && is_write);
    slrd_n_reg <= !(access && !is_write);
    dq_t_reg <= {32{!(access && is_write)}};
    dq_o_reg <= socket == kLink ? word_data : s_reply_data;
    pktend_n_reg <= !(flush || commit_reply);
    read_under_way <= {read_under_way[READ_LATENCY+1:0], access && !is_write};
    read_is_request <= {read_is_request[READ_LATENCY+1:0], socket == kRequest};
    if (!link_rst_n) begin
      slwr_n_reg <= 1;
      slrd_n_reg <= 1;
      dq_t_reg <= '1;
      pktend_n_reg <= 1;
      read_under_way <= 0;
    end
  end

  always_ff @(posedge link_clk) begin
    if (!link_rst_n) begin
      uncommitted <= 0;
      packet_ended <= 0;
      still_cycles <= 0;
      reply_second <= 0;
    end else begin
      if (word_valid) still_cycles <= 0;
      else if (still_cycles != kFlushCycles) still_cycles <= still_cycles + 1'b1;
      if (word_ready) packet_ended <= word_last;
      if (s_reply_ready) reply_second <= !reply_second;
      if (word_ready) uncommitted <= 1;
      // No buffer at all: the last one was filled to its end, and the FX3 has committed it.
      else if (flush || (state == kSettle && settle_left == 0 && socket == kLink && !flag_a)) uncommitted <= 0;
    end
  end

  always_ff @(posedge link_clk) begin
    if (!link_rst_n) begin
      state <= kChoose;
      socket <= kLink;
      fifoadr_reg <= kLink;
      last_socket <= kReply;
      sloe_n_reg <= 1;
      single <= 0;
      settle_left <= 0;
      turn_left <= 0;
    end else begin
      if (settle_left != 0) settle_left <= settle_left - 1'b1;
      if (access) turn_left <= turn_left - 1'b1;
      case (state)
        kChoose:
        if (wants != 0) begin
          socket <= choice;
          fifoadr_reg <= choice;
          sloe_n_reg <= choice == kLink || choice == kReply;
          settle_left <= kSettleCycles;
          turn_left <= kTurnWords;
          state <= kSettle;
        end
        kSettle:
        if (settle_left == 0) begin
          single <= !flag_b;
          state <= flag_a && turn_left != 0 ? kTurn : kLeave;
          if (!flag_a || turn_left == 0) settle_left <= kSettleCycles;
        end
        kTurn: begin
          if (flush || (may_go && !available)) state <= kLeave;
          else if (!may_go || single || commit_reply || turn_left == 1) state <= kSettle;
          settle_left <= kSettleCycles;
        end
        default:  // kLeave
        if (settle_left == 0) begin
          sloe_n_reg <= 1;
          last_socket <= socket;
          state <= kChoose;
        end
      endcase
    end
  end
endmodule

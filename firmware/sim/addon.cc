// flimd_device for Node: a dumb clock. src/camera-sim/rtl drives it.
#include <napi.h>

#include "device_model.h"
#include "model_limits.h"  // written by scripts/build-rtl.mjs

namespace {

using flimd_sim::DeviceModel;

const uint8_t* bytes(const Napi::Object& object, const char* name) { return object.Get(name).As<Napi::Uint8Array>().Data(); }

uint32_t number(const Napi::Object& object, const char* name) { return object.Get(name).As<Napi::Number>().Uint32Value(); }

void set_straps(FlimdDevice& dut, const Napi::Object& straps) {
  dut.cfg_width = number(straps, "width");
  dut.cfg_height = number(straps, "height");
  dut.cfg_bins = number(straps, "bins");
  dut.cfg_bin_width_fs = number(straps, "binWidthFs");
  dut.cfg_laser_period_fs = number(straps, "laserPeriodFs");
  dut.cfg_frame_period_us = number(straps, "framePeriodUs");
  dut.cfg_firmware_version = number(straps, "firmwareVersion");
  dut.cfg_device_kind = number(straps, "deviceKind");
  dut.cfg_outputs = number(straps, "outputs");
  dut.cfg_tick_hz = number(straps, "tickHz");
  dut.cfg_min_photons = number(straps, "minPhotons");
  std::memcpy(&dut.cfg_serial, bytes(straps, "serial"), 16);
  std::memcpy(&dut.cfg_bitstream_id, bytes(straps, "bitstreamId"), 16);
  std::memcpy(&dut.cfg_model_hash, bytes(straps, "modelHash"), 8);
  dut.cfg_source_revision = 0;
}

// new RtlDevice(straps, image, packet): the image of the core's model or null; packets appear in the array `packet`.
class RtlDevice : public Napi::ObjectWrap<RtlDevice> {
 public:
  static void Export(Napi::Env env, Napi::Object exports) {
    exports.Set("RtlDevice", DefineClass(env, "RtlDevice",
                                         {InstanceMethod<&RtlDevice::Write>("write"), InstanceMethod<&RtlDevice::Read>("read"),
                                          InstanceMethod<&RtlDevice::Run>("run"), InstanceMethod<&RtlDevice::Expose>("expose"),
                                          InstanceMethod<&RtlDevice::Sensors>("sensors"),
                                          InstanceMethod<&RtlDevice::TakeExposure>("takeExposure"),
                                          InstanceAccessor<&RtlDevice::PacketBytes>("packetBytes"),
                                          InstanceAccessor<&RtlDevice::Moved>("moved"), InstanceAccessor<&RtlDevice::Cycles>("cycles"),
                                          InstanceAccessor<nullptr, &RtlDevice::SetTicks>("ticks")}));
    exports.Set("wordBits", Napi::Number::New(env, flimd_sim::kWordBits));
    exports.Set("payloadBits", Napi::Number::New(env, flimd_sim::kPayloadBits));
  }

  explicit RtlDevice(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const auto straps = info[0].As<Napi::Object>();
    auto packet = info[2].As<Napi::Uint8Array>();
    packet_ = Napi::Persistent(packet);
    model_ = std::make_unique<DeviceModel>(packet.Data(), packet.ByteLength());
    if (!info[1].IsNull()) {
      const auto image = info[1].As<Napi::Uint32Array>();
      if (!model_->core().load(image.Data(), image.ElementLength())) throw Napi::Error::New(info.Env(), "this is no image of a model for the core");
    }
    set_straps(model_->pins(), straps);
    model_->power_on((uint64_t{1} << flimd_sim::kWordBits) + 100);
  }

 private:
  std::unique_ptr<DeviceModel> model_;
  Napi::Reference<Napi::Uint8Array> packet_;

  static uint32_t Word(const Napi::CallbackInfo& info, size_t at) { return info[at].As<Napi::Number>().Uint32Value(); }

  Napi::Value Write(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), model_->write(Word(info, 0), Word(info, 1))); }

  Napi::Value Read(const Napi::CallbackInfo& info) {
    const auto value = model_->read(Word(info, 0));
    return value ? Napi::Value(Napi::Number::New(info.Env(), *value)) : info.Env().Null();
  }

  Napi::Value Run(const Napi::CallbackInfo& info) {
    const auto end = model_->run(Word(info, 0), info[1].As<Napi::Boolean>().Value());
    return Napi::Number::New(info.Env(), static_cast<int>(end));
  }

  void Expose(const Napi::CallbackInfo& info) {
    const auto events = info[0].As<Napi::Uint32Array>();
    model_->expose(events.Data(), events.ElementLength() / 2);
  }

  Napi::Value TakeExposure(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), model_->take_exposure()); }

  // temperature in 0.001 °C, bias in mV, laser pulses a second
  void Sensors(const Napi::CallbackInfo& info) {
    FlimdDevice& dut = model_->pins();
    dut.temperature_milli_c = Word(info, 0), dut.bias_millivolt = Word(info, 1), dut.laser_rate_hz = Word(info, 2);
  }

  Napi::Value PacketBytes(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), static_cast<double>(model_->packet_bytes())); }
  Napi::Value Moved(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), model_->moved()); }
  Napi::Value Cycles(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), static_cast<double>(model_->cycles())); }
  void SetTicks(const Napi::CallbackInfo&, const Napi::Value& ticks) {
    model_->pins().ticks = static_cast<uint64_t>(ticks.As<Napi::Number>().Int64Value());
  }
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  RtlDevice::Export(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(flimd_rtl, Init)

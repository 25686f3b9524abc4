export * from './camera-uri.js';
export { DeviceFile } from './device-file.js';
export * from './link.js';
export { createMemoryLink, type DataChunk, type DataReply } from './memory.js';
export * from './open.js';
export { findPcieDevice, listPcieDevices, type PcieDevice } from './pcie-discovery.js';
export { findUsbCamera } from './usb-discovery.js';
export { watchForCamera } from './hotplug.js';
export * from './serial.js';

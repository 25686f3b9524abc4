export * from './crc32c.js';
export * from './errors.js';
export * from './fixed-point.js';
export * from './packet.js';
export * from './registers.js';
export * from './stream.js';
export * from './units.js';
export * from './usb.js';

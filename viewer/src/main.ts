import './style.css';
import { FlimdClient } from '../../src/client/index.js';
import { streamPlanes } from '../../src/protocol/index.js';
import { Viewer } from './viewer.js';

const token = new URLSearchParams(location.search).get('token') ?? undefined;
const planes = streamPlanes.map(({ name }) => name);
new Viewer(FlimdClient.connect({ url: location.origin, token, planes }));

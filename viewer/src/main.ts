import './style.css';
import { FlimdClient } from '../../src/client/index.js';
import { Viewer } from './viewer.js';

const token = new URLSearchParams(location.search).get('token') ?? undefined;
new Viewer(FlimdClient.connect({ url: location.origin, token }));

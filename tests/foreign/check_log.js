// Checks proof files of make_log with @sigstore/verify: check_log.js MODULES FOLDER. Its checkpoint.js checks the log's
// signature, its merkle.js the inclusion; ours are only the shapes that they are handed.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const [modules, folder] = process.argv.slice(2);
const verify = path.join(modules, '@sigstore', 'verify', 'dist', 'tlog');
const { verifyCheckpoint } = require(path.join(verify, 'checkpoint.js'));
const { verifyMerkleInclusion } = require(path.join(verify, 'merkle.js'));

// name+hex id+base64(0x01 and 32 bytes) as the authority of a log: it looks keys up by the first bytes of logID and by
// the name within baseURL. 302a… is the head of an Ed25519 key in SubjectPublicKeyInfo (RFC 8410).
function authority(vkey) {
	const [, name, id, key] = vkey.match(/^([^+]+)\+([0-9a-f]{8})\+(.+)$/);
	const raw = Buffer.from(key, 'base64');
	const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw.subarray(1)]);
	return {
		logID: Buffer.from(id, 'hex'),
		baseURL: `https://${name}`,
		publicKey: crypto.createPublicKey({ key: der, format: 'der', type: 'spki' }),
	};
}

// Entry index, from its bundle.
function entry(index, size) {
	const number = Math.floor(index / 256);
	const width = Math.min(256, size - 256 * number);
	const name = String(number).padStart(3, '0') + (width < 256 ? `.p/${width}` : '');
	let bundle = fs.readFileSync(path.join(folder, 'tile', 'entries', name));
	for (let i = index % 256; i > 0; i--)
		bundle = bundle.subarray(2 + bundle.readUInt16BE(0));
	return bundle.subarray(2, 2 + bundle.readUInt16BE(0));
}

function check(file, logs) {
	const text = fs.readFileSync(file, 'utf8');
	const split = text.indexOf('\n\n');
	const [head, index, ...hashes] = text.slice(0, split).split('\n');
	if (head !== 'c2sp.org/tlog-proof@v1' || !/^index [0-9]+$/.test(index))
		throw new Error('not a proof file');
	const logIndex = index.slice('index '.length);
	const inclusionProof = {
		logIndex,
		hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
		checkpoint: { envelope: text.slice(split + 2) },
	};
	const checkpoint = verifyCheckpoint({ inclusionProof }, logs);
	const canonicalizedBody = entry(Number(logIndex), Number(checkpoint.logSize));
	verifyMerkleInclusion({ inclusionProof, canonicalizedBody }, checkpoint);
}

const logs = [authority(fs.readFileSync(path.join(folder, 'log.vkey'), 'utf8'))];
const files = fs.readdirSync(path.join(folder, 'proof'));
for (const file of files) {
	try {
		check(path.join(folder, 'proof', file), logs);
	} catch (error) {
		console.error(`proof ${file}: ${error.message}`);
		process.exit(1);
	}
}
console.log(`${files.length} proofs`);
if (files.length === 0)
	process.exit(1);

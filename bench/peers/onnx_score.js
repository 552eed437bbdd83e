// SPDX-License-Identifier: MIT
// ONNX Runtime on Node:
//   onnx_score.js MODEL csv FILE           rows of 140 numbers and a label to errors and verdicts
//   onnx_score.js MODEL memory ROWS DIM... rows of numbers that lie in memory, in batches of 4096 (of 512 if they are
//                                          images); prints "seconds", and how many it took
const fs = require('fs');
const ort = require('onnxruntime-node');

const WIDTH = 140;
const BATCH = 4096;

async function reconstruct(session, values, dims) {
	const result = await session.run({ x: new ort.Tensor('float32', values, dims) });
	return Object.values(result)[0].data;
}

async function scoreCsv(session, file) {
	const lines = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
	const out = [];
	for (let first = 0; first < lines.length; first += BATCH) {
		const part = lines.slice(first, first + BATCH);
		const x = new Float32Array(part.length * WIDTH);
		part.forEach((line, row) => {
			const cells = line.split(',');
			for (let i = 0; i < WIDTH; i++) x[row * WIDTH + i] = +cells[i];
		});
		const y = await reconstruct(session, x, [part.length, WIDTH]);
		for (let row = 0; row < part.length; row++) {
			let sum = 0;
			for (let i = row * WIDTH; i < (row + 1) * WIDTH; i++) sum += Math.abs(x[i] - y[i]);
			out.push(`${(sum / WIDTH).toFixed(6)},${sum / WIDTH > 1 ? 1 : 0}`);
		}
	}
	fs.writeSync(1, out.join('\n') + '\n');
}

async function scoreMemory(session, rows, dims) {
	const size = dims.reduce((a, b) => a * b, 1);
	const batch = Math.min(rows, dims.length > 1 ? 512 : BATCH);
	const x = new Float32Array(batch * size).fill(0.5);
	await reconstruct(session, x, [batch, ...dims]);
	const start = process.hrtime.bigint();
	for (let first = 0; first < rows; first += batch) await reconstruct(session, x, [batch, ...dims]);
	console.log('seconds', Number(process.hrtime.bigint() - start) / 1e9);
}

async function main([model, what, argument, ...dims]) {
	const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 2 });
	if (what === 'csv') await scoreCsv(session, argument);
	else await scoreMemory(session, +argument, dims.map(Number));
}

main(process.argv.slice(2));

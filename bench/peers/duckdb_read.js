// SPDX-License-Identifier: MIT
// Reads a file of CSV into a table with DuckDB on two threads: duckdb_read.js FILE
const { DuckDBInstance } = require('@duckdb/node-api');

async function main(file) {
	const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
	const connection = await instance.connect();
	await connection.run(`create table rows as select * from read_csv('${file}', header = false)`);
	const result = await connection.runAndReadAll('select count(*) from rows');
	console.log(String(result.getRows()[0][0]));
}

main(process.argv[2]);

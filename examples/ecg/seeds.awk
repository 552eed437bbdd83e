# SPDX-License-Identifier: MIT
# Tabulates the runs of several seeds: awk -f seeds.awk FOLDER/seed-N/FILE ...
# FILE: loss.csv, threshold.txt, train.metrics.json, test.metrics.json.

# The floors were set for the real beats of ECG5000: what PyTorch's or Keras's training reaches on them.
BEGIN {
	columns = split("threshold loss" \
		" test.accuracy test.normal.precision test.normal.recall test.roc_auc" \
		" train.accuracy train.normal.precision train.normal.recall train.roc_auc", column, " ")
	floors = split("test.accuracy>=0.942 test.normal.precision>=0.990 test.normal.recall>=0.900" \
		" train.accuracy>=0.932 train.normal.precision>=0.987 train.normal.recall>=0.895" \
		" threshold>=0.030 threshold<=0.036 loss<=0.0225", floor, " ")
}

FNR == 1 {
	json_end()
	file = FILENAME
	sub(/.*\//, "", file)
	seed = FILENAME
	sub(/\/[^\/]*$/, "", seed)
	sub(/.*seed-/, "", seed)
	if (!(seed in seen)) {
		seen[seed] = 1
		seed_of[++seeds] = seed
	}
}

file == "threshold.txt" && FNR == 1 {
	value[seed, "threshold"] = $1
}

# The header names the columns; the last line counts.
file == "loss.csv" {
	cells = split($0, cell, ",")
	if (FNR == 1) {
		for (loss = 1; loss <= cells && cell[loss] != "loss"; loss++)
			;
	} else {
		value[seed, "loss"] = cell[loss]
	}
}

file ~ /\.json$/ {
	json_set = file
	sub(/\..*/, "", json_set)
	json_seed = seed
	json = json $0 "\n"
}

# Puts every {"a": {"b": 1}} down as value[seed, "SET.a.b"] = 1.
function json_end(    path, depth, token, text, expects, i, name)
{
	for (depth = 0; match(json, /"([^"\\]|\\.)*"|[-+.0-9A-Za-z]+|[]{}:,[]/); json = substr(json, RSTART + RLENGTH)) {
		token = substr(json, RSTART, RLENGTH)
		if (token == "{" || token == "[") {
			path[++depth] = expects ? text : ""
			expects = 0
		} else if (token == "}" || token == "]") {
			depth--
		} else if (token == ":") {
			expects = 1
		} else if (token != ",") {
			gsub(/^"|"$/, "", token)
			if (expects) {
				name = json_set
				for (i = 1; i <= depth; i++)
					name = name (path[i] == "" ? "" : "." path[i])
				value[json_seed, name "." text] = token
			}
			text = token
			expects = 0
		}
	}
	json = ""
}

function row(name, seed,    i)
{
	printf "%4s", name
	for (i = 1; i <= columns; i++)
		printf "%s %9s", i == 3 || i == 7 ? " |" : "", shown(value[seed, column[i]])
	print ""
}

function shown(text)
{
	return text ~ /^[-+]?[0-9.]/ ? sprintf(text + 0 < 0.1 ? "%.5f" : "%.4f", text) : "-"
}

function meets(reached, sign, limit)
{
	return sign == ">=" ? reached + 0 >= limit + 0 : reached + 0 <= limit + 0
}

END {
	json_end()
	printf "%4s %9s %9s |%40s |%40s\n", "", "", "", "test rows (positive: normal)   ", "training rows (positive: normal)"
	printf "%4s %9s %9s | %9s %9s %9s %9s | %9s %9s %9s %9s\n", "seed", "threshold", "loss", "accuracy", "precision",
		"recall", "ROC-AUC", "accuracy", "precision", "recall", "ROC-AUC"
	for (s = 1; s <= seeds; s++) {
		row(seed_of[s], seed_of[s])
		for (i = 1; i <= columns; i++)
			sum[column[i]] += value[seed_of[s], column[i]]
	}
	for (i = 1; i <= columns; i++)
		value["mean", column[i]] = sum[column[i]] / seeds
	row("mean", "mean")
	print ""
	for (f = 1; f <= floors; f++) {
		split(floor[f], part, /[<>]=/)
		sign = floor[f] ~ />=/ ? ">=" : "<="
		good = 0
		for (s = 1; s <= seeds; s++)
			good += meets(value[seed_of[s], part[1]], sign, part[2])
		printf "%-24s %s %-7s mean %s, %d of %d seeds: %s\n", part[1], sign, part[2], shown(value["mean", part[1]]),
			good, seeds, meets(value["mean", part[1]], sign, part[2]) ? "met" : "NOT met"
	}
}

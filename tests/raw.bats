# SPDX-License-Identifier: MIT
# Raw frames: numbers and nothing else, as sound and sensors give them.
load helpers

PYTHON=/usr/bin/python3

@test "raw: frames of every kind of number are rows" {
	printf '\0\0\x80\x3f\0\0\0\xc0\0\0\xc0\x7f\0\0\0\0' >f32
	ae-cat -c --missing mask -I raw:f32 --shape 2 f32 | cmp - <(printf 'x.1,x.2\n1,-2\nnan,0\n')
	printf '\0\0\0\0\0\0\xf0\x3f\x9a\x99\x99\x99\x99\x99\xb9\x3f' >f64
	ae-cat -c -I raw:f64 --shape 1 f64 | cmp - <(printf 'x.1\n1\n0.1\n')
	printf '\x01\0\xff\xff\xff\x7f\0\x80' >s16
	ae-cat -c -I raw:s16 --shape 4 s16 | cmp - <(printf 'x.1,x.2,x.3,x.4\n1,-1,32767,-32768\n')
	printf '\0\x01\xfe\xff\0\x80' >u8
	ae-cat -c -I raw:u8 --shape 1,3 u8 | cmp - <(printf 'x.1.1,x.1.2,x.1.3\n0,1,254\n255,0,128\n')
	ae-cat -I raw:u8 --shape 3 u8 u8 | ae-info | grep -q 'u8'
	ae-cat -c -I raw:u8 --shape 2 /dev/null | cmp - <(printf 'x.1,x.2\n')
}

@test "raw: what is cut, has no number or no shape is an error" {
	printf '\0\0\x80\x3f\0\0\0\xc0\0\0' >part
	expect_error 1 'part: cut: 2 bytes behind row 2, and a row has 4' ae-cat -I raw:f32 --shape 1 part
	expect_error 1 'part: cut: 2 bytes behind row 1, and a row has 8' ae-cat -I raw:f32 --shape 2 part
	expect_error 1 'part: cut: 10 bytes behind row 0, and a row has 12' ae-cat -I raw:s16 --shape 6 part
	printf '\0\0\xc0\x7f' >nan
	expect_error 1 'nan: row 1, column "x.1": missing value; --missing mask keeps it' ae-cat -I raw:f32 --shape 1 nan
	printf '\0\0\x80\x7f' >inf
	expect_error 1 'inf: row 1, column "x.1": infinity' ae-cat --missing mask -I raw:f32 --shape 1 inf
	expect_error 2 '-I raw needs --shape: how many numbers a row has' ae-cat -I raw:u8 part
	expect_error 1 'part: --id is for text: this is raw:u8, which has x alone' ae-cat -I raw:u8 --shape 2 --id 1 part
	expect_error 2 'unknown input format "raw:f16"; did you mean raw:f32[?]' ae-cat -I raw:f16 --shape 2 part
}

@test "raw: a frame goes on before the next one comes, however its bytes come" {
	mkfifo in
	ae-cat -c -I raw:s16 --shape 2 <in >out.csv 3>&- &
	exec 8>in
	printf '\x01\0\x02\0\x03' >&8
	eventually has_lines out.csv 2
	printf '\0\x04\0' >&8
	eventually has_lines out.csv 3
	exec 8>&-
	wait $!
	printf 'x.1,x.2\n1,2\n3,4\n' | cmp - out.csv
}

@test "raw: NumPy's numbers, in any batches and pieces" {
	$PYTHON -c 'import numpy' 2>/dev/null || skip "no NumPy for $PYTHON"
	$PYTHON -c 'import numpy as np
a = np.random.default_rng(1).standard_normal((500, 6))
a.astype("<f4").tofile("f32"); np.save("f32.npy", a.astype("<f4"))
a.tofile("f64"); np.save("f64.npy", a)
b = (a * 9000).clip(-32768, 32767).astype("<i2"); b.tofile("s16"); np.save("s16.npy", b.astype("<f4"))
c = (a * 40 + 128).clip(0, 255).astype("u1"); c.tofile("u8"); np.save("u8.npy", c)'
	local t n
	for t in f32 f64 s16 u8; do
		same "ae-cat -I raw:$t --shape 6 $t" "ae-cat $t.npy"
		for n in 1 7 512; do
			same "dd bs=$n status=none <$t | ae-cat -c -I raw:$t --shape 6" "ae-cat -c $t.npy"
			same "ae-cat --batch-rows $n -I raw:$t --shape 6 $t | ae-cat -c" "ae-cat -c $t.npy"
		done
	done
}

@test "raw: sound through sox" {
	command -v sox >/dev/null || skip 'no sox'
	sox -n -r 8000 -b 16 -c 1 tone.wav synth 0.1 sine 440
	[ "$(sox tone.wav -t s16 - | ae-cat -c -I raw:s16 --shape 80 | wc -l)" -eq 11 ]
	[ "$(sox tone.wav -t f32 - | ae-window --size 1 -I raw:f32 --shape 400 | ae-cat -c | wc -l)" -eq 3 ]
}

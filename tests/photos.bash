# SPDX-License-Identifier: MIT
# For the tests of examples/leaves: `load photos` after `load helpers`.

# photos HEALTHY BLACK_ROT CEDAR_RUST: as many photos of 32 x 32 pixels in the folder photos, those that are diseased
# with a brown spot; or skips the test.
photos() {
	local kind count
	if ! command -v djpeg >/dev/null || ! command -v cjpeg >/dev/null; then
		skip 'no djpeg and cjpeg (Debian: libjpeg-turbo-progs)'
	fi
	for kind in healthy black_rot cedar_rust; do
		count=$1
		shift
		mkdir -p "photos/$kind"
		awk -v kind="$kind" -v count="$count" 'BEGIN {
			for (i = 1; i <= count; i++) {
				file = sprintf("cjpeg -quality 90 > photos/%s/%04d.jpg", kind, i)
				print "P3 32 32 255" | file
				for (y = 0; y < 32; y++)
					for (x = 0; x < 32; x++) {
						leaf = (x - 16) ^ 2 / (9 + i % 5) ^ 2 + (y - 16) ^ 2 / (11 + i % 3) ^ 2 < 1
						spot = kind != "healthy" && (x - 12 - i % 4) ^ 2 + (y - 15) ^ 2 < 20
						print (spot ? "150 75 0" : leaf ? "60 130 50" : "0 0 0") | file
					}
				close(file)
			}
		}'
	done
}

# small_leaves FOLDER PHOTOS [ARGUMENT...]: makes the example in FOLDER with a small network on these photos.
small_leaves() {
	local net='conv 4 3x3/2 leakyrelu:0.3 batchnorm, dense 4 |
		dense 1024, reshape 16x16x4, convt 4 3x3/2 leakyrelu:0.3 batchnorm, conv 3 3x3 sigmoid'
	make --no-print-directory -C "$1" AE="$AE_BUILD" LEAVES="$2" HEALTHY=30 EVERY=2 DISEASED=3 \
		EPOCHS=3 SEEDS='0 1' PCA='0 4' NET="${net//$'\n'/}" "${@:3}"
}

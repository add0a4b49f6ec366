// Checks the log of make_log with golang.org/x/mod/sumdb (note and tlog), the code behind Go's checksum database:
// check_log FOLDER. Ours here are the cosignature's verifier, the checkpoint's three lines and the splitting of bundles.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosigner is a note.Verifier of type 0x04 (tlog-cosignature v1.0.1).
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

func newCosigner(vkey string) (cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return cosigner{}, errors.New("not a vkey")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return cosigner{}, errors.New("not a cosigner's vkey")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return cosigner{}, errors.New("key id does not match")
	}
	return cosigner{parts[0], hash, key[1:]}, nil
}

// folder reads tiles: x/mod's path tile/8/… is tile/… in tlog-tiles.
type folder string

func (f folder) Height() int                               { return 8 }
func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		var err error
		path := strings.Replace(t.Path(), "tile/8/", "tile/", 1)
		if data[i], err = os.ReadFile(filepath.Join(string(f), path)); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "check_log:", err)
		os.Exit(1)
	}
}

func (f folder) read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(string(f), name))
	must(err)
	return data
}

// open checks the note with the log's key and both cosigners' and reads its tree.
func open(data []byte, log note.Verifier, cosigners []cosigner) tlog.Tree {
	n, err := note.Open(data, note.VerifierList(log, cosigners[0], cosigners[1]))
	must(err)
	if len(n.Sigs) != 3 || len(n.UnverifiedSigs) != 0 {
		must(fmt.Errorf("%d signatures hold, expected 3", len(n.Sigs)))
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != log.Name() {
		must(errors.New("not a checkpoint of this log"))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	hash, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: hash}
}

// entries splits all bundles.
func (f folder) entries(size int64) [][]byte {
	var all [][]byte
	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: 8, L: -1, N: n, W: 256}
		if size-n*256 < 256 {
			tile.W = int(size - n*256)
		}
		bundle := f.read(strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1))
		for len(bundle) > 0 {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				must(errors.New("a bundle ends inside an entry"))
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			all = append(all, bundle[2:end])
			bundle = bundle[end:]
		}
	}
	if int64(len(all)) != size {
		must(fmt.Errorf("%d entries in the bundles, expected %d", len(all), size))
	}
	return all
}

// checkEntries compares every entry with its hash in the tiles, which the reader has checked against the root, and
// some by a proof of their own.
func checkEntries(entries [][]byte, tree tlog.Tree, reader tlog.HashReader) {
	indexes := make([]int64, len(entries))
	for i := range entries {
		indexes[i] = tlog.StoredHashIndex(0, int64(i))
	}
	hashes, err := reader.ReadHashes(indexes)
	must(err)
	for i, entry := range entries {
		if tlog.RecordHash(entry) != hashes[i] {
			must(fmt.Errorf("entry %d is not the one in the tree", i))
		}
		if i%997 == 0 || i == len(entries)-1 {
			proof, err := tlog.ProveRecord(tree.N, int64(i), reader)
			must(err)
			must(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(entry)))
		}
	}
}

// checkProof checks a tlog-proof file against the entry that its name says.
func (f folder) checkProof(path string, entries [][]byte, log note.Verifier, cosigners []cosigner) {
	head, checkpoint, found := bytes.Cut(f.read(path), []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != "index "+filepath.Base(path) {
		must(fmt.Errorf("%s: not a proof file", path))
	}
	tree := open(checkpoint, log, cosigners)
	index, err := strconv.ParseInt(filepath.Base(path), 10, 64)
	must(err)
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		must(err)
		proof = append(proof, hash)
	}
	must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entries[index])))
}

func main() {
	f := folder(os.Args[1])
	log, err := note.NewVerifier(string(f.read("log.vkey")))
	must(err)
	var cosigners []cosigner
	for _, name := range []string{"witness.vkey", "mirror.vkey"} {
		c, err := newCosigner(string(f.read(name)))
		must(err)
		cosigners = append(cosigners, c)
	}
	tree := open(f.read("checkpoint"), log, cosigners)
	old := open(f.read("checkpoint.old"), log, cosigners)
	reader := tlog.TileHashReader(tree, f)
	entries := f.entries(tree.N)
	checkEntries(entries, tree, reader)
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	must(err)
	must(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
	proofs, err := filepath.Glob(filepath.Join(string(f), "proof", "*"))
	must(err)
	for _, path := range proofs {
		f.checkProof(filepath.Join("proof", filepath.Base(path)), entries, log, cosigners)
	}
	fmt.Printf("%d entries, %d proofs, consistent with size %d\n", len(entries), len(proofs), old.N)
}

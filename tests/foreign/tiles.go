package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// source is a directory with files of a log, named as they are served.
type source string

func (s source) read(path string) ([]byte, error) { return os.ReadFile(filepath.Join(string(s), path)) }

// A source is a tlog.TileReader. Go's paths name the height of a tile, those of C2SP do not: it is always 8.
func (s source) Height() int                     { return tileHeight }
func (s source) SaveTiles([]tlog.Tile, [][]byte) {}
func pathOf(tile tlog.Tile) string               { return strings.Replace(tile.Path(), "tile/8/", "tile/", 1) }
func (s source) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := [][]byte{}
	for _, tile := range tiles {
		bytes, err := s.read(pathOf(tile))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

// entries reads the entry bundles of a tree of this size.
func (s source) entries(size int64) ([][]byte, error) {
	all := [][]byte{}
	for first := int64(0); first < size; first += 256 {
		width := size - first
		if width > 256 {
			width = 256
		}
		// tile/entries has the paths of a level.
		path := pathOf(tlog.Tile{H: tileHeight, L: 0, N: first / 256, W: int(width)})
		bundle, err := s.read(strings.Replace(path, "tile/0/", "tile/entries/", 1))
		if err != nil {
			return nil, err
		}
		for ; width > 0; width-- {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return nil, errors.New("an entry bundle is cut off")
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			all = append(all, bundle[2:end])
			bundle = bundle[end:]
		}
		if len(bundle) != 0 {
			return nil, errors.New("an entry bundle has more than its entries")
		}
	}
	return all, nil
}

// checkLog reads head, tiles and entries of a log, proves every entry and every record, and the growth from an
// older head.
func (r request) checkLog() error {
	files := source(r.Source)
	text, err := files.read("checkpoint")
	if err != nil {
		return err
	}
	tree, err := r.open(string(text))
	if err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tree, files)
	entries, err := files.entries(tree.N)
	if err != nil {
		return err
	}
	for index, entry := range entries {
		proof, err := tlog.ProveRecord(tree.N, int64(index), hashes)
		if err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(index), tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
	}
	return r.checkGrowth(tree, hashes)
}

func (r request) checkGrowth(tree tlog.Tree, hashes tlog.HashReader) error {
	if r.Older == "" {
		return nil
	}
	older, err := r.open(r.Older)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, older.N, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash)
}

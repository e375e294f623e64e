package pidtest

import (
	"encoding/binary"
	"io"
)

// Finger sizes measured on real blocks, in bytes of record: they make Data 760 to
// 1,330 bytes for one FMR and 9.0 to 10.9 kB for FMR with FIR (rd-service.md
// section 5.2).
const (
	minutiaSize  = 6
	fmrHeader    = 28 // of the record and of its one view
	fmrExtended  = 42 // the extended data, with its length
	firHeader    = 46
	firImageMin  = 5850
	firImageSpan = 900
)

// Fingers makes records for fingers as a scanner would send them for the fType
// (0 FMR, 1 FIR, 2 both): well-formed headers, random content. nmPoints says how
// many minutiae each finger has; its length is the number of fingers. posh names
// them in the same order; missing names are UNKNOWN. An unknown fType gives FMR.
func Fingers(random io.Reader, fType int, nmPoints []int, posh []string) ([]Bio, error) {
	var bios []Bio
	for i, points := range nmPoints {
		where := poshAt(posh, i)
		if fType != 1 {
			record, err := fmr(random, points)
			if err != nil {
				return nil, err
			}
			bios = append(bios, Bio{Type: "FMR", Posh: where, Data: record})
		}
		if fType == 1 || fType == 2 {
			record, err := image(random, "FIR\x00", firHeader)
			if err != nil {
				return nil, err
			}
			bios = append(bios, Bio{Type: "FIR", Posh: where, Data: record})
		}
	}
	return bios, nil
}

// Irises makes one IIR record for each eye.
func Irises(random io.Reader, count int, posh []string) ([]Bio, error) {
	var bios []Bio
	for i := range count {
		record, err := image(random, "IIR\x00", firHeader)
		if err != nil {
			return nil, err
		}
		bios = append(bios, Bio{Type: "IIR", Posh: poshAt(posh, i), Data: record})
	}
	return bios, nil
}

func poshAt(posh []string, i int) string {
	if i < len(posh) && posh[i] != "" {
		return posh[i]
	}
	return "UNKNOWN"
}

// fmr makes a minutiae record with ISO 19794-2's header fields that matter for
// its size: magic, version, length, number of minutiae.
func fmr(random io.Reader, points int) ([]byte, error) {
	size := fmrHeader + points*minutiaSize + fmrExtended
	record := make([]byte, size)
	if _, err := io.ReadFull(random, record[fmrHeader:]); err != nil {
		return nil, err
	}
	copy(record, "FMR\x00 20\x00")
	binary.BigEndian.PutUint32(record[8:], uint32(size))
	record[fmrHeader-1] = byte(points)
	return record, nil
}

// image makes a compressed-looking image record whose size varies as real ones do.
func image(random io.Reader, magic string, header int) ([]byte, error) {
	var pick [2]byte
	if _, err := io.ReadFull(random, pick[:]); err != nil {
		return nil, err
	}
	size := header + firImageMin + int(binary.BigEndian.Uint16(pick[:]))%firImageSpan
	record := make([]byte, size)
	if _, err := io.ReadFull(random, record[header:]); err != nil {
		return nil, err
	}
	copy(record, magic+"010\x00")
	binary.BigEndian.PutUint32(record[8:], uint32(size))
	return record, nil
}

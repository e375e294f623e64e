// Command shim writes a DLL without code whose one export, ProcessPrng, is a
// forwarder to advapi32.SystemFunction036 (RtlGenRandom). Wine 8 lacks
// bcryptprimitives.dll, without which no Go program starts there. For tests under
// Wine only; it is never shipped.
//
//	go run ./installer/windows/shim amd64 bcryptprimitives.dll
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: shim amd64|386 FILE")
		os.Exit(2)
	}
	content, err := dll(os.Args[1])
	if err == nil {
		err = os.WriteFile(os.Args[2], content, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "shim:", err)
		os.Exit(1)
	}
}

const (
	exportRVA   = 0x1000
	headersSize = 0x200
	sectionSize = 0x200
)

// dll lays out the headers and the one section of the file.
func dll(arch string) ([]byte, error) {
	var b bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&b, binary.LittleEndian, v) // into memory
		}
	}
	section, exportSize := exports()
	dos := make([]byte, 0x40)
	copy(dos, "MZ")
	dos[0x3c] = 0x40
	put(dos, []byte("PE\x00\x00"))
	switch arch {
	case "amd64": // machine … optional header's size, characteristics, magic … image base
		put(uint16(0x8664), uint16(1), [12]byte{}, uint16(240), uint16(0x2022), uint16(0x20b))
	case "386":
		put(uint16(0x14c), uint16(1), [12]byte{}, uint16(224), uint16(0x2102), uint16(0x10b))
	default:
		return nil, errors.New("the architecture is amd64 or 386")
	}
	put(uint16(0), uint32(0), uint32(sectionSize), uint32(0), uint32(0), uint32(exportRVA))
	if arch == "amd64" {
		put(uint64(0x180000000))
	} else {
		put(uint32(exportRVA), uint32(0x10000000))
	}
	// Alignments, versions, size of image and headers, subsystem, NX and dynamic base.
	put(uint32(0x1000), uint32(0x200), uint32(6), uint32(0), uint32(6), uint32(0), uint32(0x2000), uint32(headersSize), uint32(0), uint16(2), uint16(0x140))
	if arch == "amd64" {
		put(uint64(0x100000), uint64(0x1000), uint64(0x100000), uint64(0x1000))
	} else {
		put(uint32(0x100000), uint32(0x1000), uint32(0x100000), uint32(0x1000))
	}
	put(uint32(0), uint32(16), uint32(exportRVA), exportSize, [15 * 8]byte{})
	put([8]byte{'.', 'e', 'd', 'a', 't', 'a'}, exportSize, uint32(exportRVA), uint32(sectionSize), uint32(headersSize), [12]byte{}, uint32(0x40000040))
	b.Write(make([]byte, headersSize-b.Len()))
	b.Write(section)
	return b.Bytes(), nil
}

// exports is the export directory: one function, whose address lies within the
// directory itself, which is what makes it a forwarder.
func exports() (section []byte, size uint32) {
	const functions, names, ordinals, text = 0x28, 0x2c, 0x30, 0x40
	section = make([]byte, sectionSize)
	at := func(offset int) uint32 { return uint32(exportRVA + offset) }
	put := func(offset int, v uint32) { binary.LittleEndian.PutUint32(section[offset:], v) }
	dllName, function, target := text, 0, 0
	function = dllName + copy(section[dllName:], "bcryptprimitives.dll\x00")
	target = function + copy(section[function:], "ProcessPrng\x00")
	size = uint32(target + copy(section[target:], "advapi32.SystemFunction036\x00"))
	put(12, at(dllName))
	put(16, 1)
	put(20, 1)
	put(24, 1)
	put(28, at(functions))
	put(32, at(names))
	put(36, at(ordinals))
	put(functions, at(target))
	put(names, at(function))
	return section, size
}

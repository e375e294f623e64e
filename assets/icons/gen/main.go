// Command gen draws the icons. It is run by go generate in the directory above
// and needs no other tool, so that a change of an icon is a change of numbers
// that a reviewer can read.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sizes are the edges that taskbars and installers ask for, from 100 % to 400 %.
var sizes = []int{16, 20, 24, 32, 48, 64, 128, 256}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: gen DIR")
	}
	for name, layers := range drawings() {
		if err := write(os.Args[1], name, layers); err != nil {
			log.Fatalf("draw %s: %v", name, err)
		}
	}
}

func write(dir, name string, layers []layer) error {
	var images [][]byte
	for _, size := range sizes {
		var buffer bytes.Buffer
		encoder := png.Encoder{CompressionLevel: png.BestCompression}
		if err := encoder.Encode(&buffer, draw(layers, size)); err != nil {
			return err
		}
		images = append(images, buffer.Bytes())
		file := filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, size))
		if err := os.WriteFile(file, buffer.Bytes(), 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, name+".ico"), ico(images), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".svg"), []byte(svg(layers)), 0o644)
}

// draw samples every pixel 8 by 8 times, in a large picture 4 by 4 times.
func draw(layers []layer, size int) image.Image {
	samples := 8
	if size > 64 {
		samples = 4
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, size, size))
	step := 64.0 / float64(size*samples)
	for y := range size {
		for x := range size {
			var red, green, blue, opaque int
			for i := range samples * samples {
				p := point{
					(float64(x*samples+i%samples) + 0.5) * step,
					(float64(y*samples+i/samples) + 0.5) * step,
				}
				if c := colourAt(layers, p); c.A > 0 {
					red, green, blue, opaque = red+int(c.R), green+int(c.G), blue+int(c.B), opaque+1
				}
			}
			if opaque > 0 {
				canvas.SetNRGBA(x, y, color.NRGBA{
					uint8(red / opaque), uint8(green / opaque), uint8(blue / opaque),
					uint8(opaque * 255 / (samples * samples)),
				})
			}
		}
	}
	return canvas
}

// colourAt returns the colour of the uppermost layer there.
func colourAt(layers []layer, p point) color.NRGBA {
	for _, layer := range slices.Backward(layers) {
		if layer.shape.covers(p) {
			return layer.colour
		}
	}
	return hole
}

// ico packs PNG images into an icon file of Windows. PNG inside ICO is read by
// Windows Vista and later.
func ico(images [][]byte) []byte {
	const header, entry = 6, 16
	var buffer bytes.Buffer
	put := func(values ...any) {
		for _, value := range values {
			binary.Write(&buffer, binary.LittleEndian, value) // to memory: cannot fail
		}
	}
	put(uint16(0), uint16(1), uint16(len(images)))
	offset := header + entry*len(images)
	for i, image := range images {
		edge := uint8(sizes[i] % 256) // 0 means 256
		put(edge, edge, uint8(0), uint8(0), uint16(1), uint16(32), uint32(len(image)), uint32(offset))
		offset += len(image)
	}
	for _, image := range images {
		buffer.Write(image)
	}
	return buffer.Bytes()
}

// svg writes the layers for places that scale. A hole becomes a mask.
func svg(layers []layer) string {
	var body strings.Builder
	for i, layer := range layers {
		if layer.colour == hole {
			before := body.String()
			body.Reset()
			fmt.Fprintf(&body, `<mask id="m%d"><path d="M0 0H64V64H0Z" fill="#fff"/>%s</mask><g mask="url(#m%d)">%s</g>`,
				i, layer.shape.svg("#000"), i, before)
			continue
		}
		c := layer.colour
		body.WriteString(layer.shape.svg(fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)))
	}
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">` + body.String() + "</svg>\n"
}

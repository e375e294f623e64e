package main

import "image/color"

// Every colour has a contrast of at least 3:1 against white and against a dark
// taskbar, and no two drawings share an outline, so that colour is never the
// only difference.
var (
	green  = color.NRGBA{0x1B, 0x86, 0x46, 0xFF}
	blue   = color.NRGBA{0x2A, 0x72, 0xD4, 0xFF}
	orange = color.NRGBA{0xC2, 0x5E, 0x00, 0xFF}
	grey   = color.NRGBA{0x74, 0x79, 0x80, 0xFF}
	violet = color.NRGBA{0x8A, 0x5C, 0xC8, 0xFF}
	white  = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}
)

// drawings returns the layers of each icon by its name.
func drawings() map[string][]layer {
	middle := point{32, 32}
	return map[string][]layer{
		// A full disc with a tick.
		"ready": {
			{disc{middle, 30}, green},
			{stroke{[]point{{18, 33}, {28, 43}, {47, 22}}, 9}, white},
		},
		// A ring that is crossed out: the place of the scanner is empty.
		"no_scanner": {
			{disc{middle, 30}, violet},
			{disc{middle, 20}, hole},
			{stroke{[]point{{16, 48}, {48, 16}}, 10}, violet},
		},
		// A square with three dots: something is going on.
		"busy": {
			{polygon{[]point{{10, 10}, {54, 10}, {54, 54}, {10, 54}}, 12}, blue},
			{disc{point{16.5, 32}, 5.5}, white},
			{disc{point{32, 32}, 5.5}, white},
			{disc{point{47.5, 32}, 5.5}, white},
		},
		// The road sign.
		"attention": {
			{polygon{[]point{{32, 9}, {57, 53}, {7, 53}}, 10}, orange},
			{stroke{[]point{{32, 24}, {32, 37}}, 8}, white},
			{disc{point{32, 48}, 4.5}, white},
		},
		// A bare cross: nothing is there.
		"not_running": {
			{stroke{[]point{{12, 12}, {52, 52}}, 15}, grey},
			{stroke{[]point{{52, 12}, {12, 52}}, 15}, grey},
		},
		"app": app(),
	}
}

// app is the product's own mark: the ridges of a finger as the arches of a
// bridge.
func app() []layer {
	foot := point{32, 45}
	layers := []layer{{polygon{[]point{{10, 10}, {54, 10}, {54, 54}, {10, 54}}, 16}, blue}}
	for _, radius := range []float64{21, 13.5, 6} {
		layers = append(layers, layer{stroke{arc(foot, radius, 180, 360), 4}, white})
	}
	return append(layers, layer{stroke{[]point{{11, 48}, {53, 48}}, 4}, white})
}

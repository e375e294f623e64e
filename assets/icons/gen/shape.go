package main

import (
	"fmt"
	"image/color"
	"math"
	"strings"
)

// A point lies on a canvas of 64 by 64, y downwards.
type point struct{ x, y float64 }

// A shape can be drawn as pixels and written as SVG; both come from the same
// numbers.
type shape interface {
	covers(point) bool
	svg(fill string) string
}

// A layer is a shape in a colour. Later layers lie above earlier ones; one
// without a colour cuts a hole.
type layer struct {
	shape  shape
	colour color.NRGBA
}

var hole = color.NRGBA{}

// disc is a filled circle.
type disc struct {
	centre point
	radius float64
}

func (d disc) covers(p point) bool {
	return math.Hypot(p.x-d.centre.x, p.y-d.centre.y) <= d.radius
}

func (d disc) svg(fill string) string {
	return fmt.Sprintf(`<circle cx="%g" cy="%g" r="%g" fill="%s"/>`, d.centre.x, d.centre.y, d.radius, fill)
}

// stroke is a line through points, with round ends and joints.
type stroke struct {
	points []point
	width  float64
}

func (s stroke) covers(p point) bool {
	for i := 1; i < len(s.points); i++ {
		if distance(p, s.points[i-1], s.points[i]) <= s.width/2 {
			return true
		}
	}
	return false
}

func (s stroke) svg(fill string) string {
	return fmt.Sprintf(`<path d="%s" fill="none" stroke="%s" stroke-width="%g" stroke-linecap="round" stroke-linejoin="round"/>`,
		path(s.points), fill, s.width)
}

// polygon is a filled area; rounding draws its edge with a round pen as well.
type polygon struct {
	points   []point
	rounding float64
}

func (g polygon) edge() stroke {
	return stroke{append(append([]point{}, g.points...), g.points[0]), g.rounding}
}

func (g polygon) covers(p point) bool {
	inside := false
	for i, j := 0, len(g.points)-1; i < len(g.points); j, i = i, i+1 {
		a, b := g.points[i], g.points[j]
		if (a.y > p.y) != (b.y > p.y) && p.x < (b.x-a.x)*(p.y-a.y)/(b.y-a.y)+a.x {
			inside = !inside
		}
	}
	return inside || g.rounding > 0 && g.edge().covers(p)
}

func (g polygon) svg(fill string) string {
	return fmt.Sprintf(`<path d="%sZ" fill="%s" stroke="%s" stroke-width="%g" stroke-linejoin="round"/>`,
		path(g.points), fill, fill, g.rounding)
}

// arc returns points on a circle from one angle to another, in degrees, 0 to the
// right and 90 downwards.
func arc(centre point, radius, from, to float64) []point {
	const steps = 24
	var points []point
	for i := range steps + 1 {
		angle := (from + (to-from)*float64(i)/steps) * math.Pi / 180
		points = append(points, point{centre.x + radius*math.Cos(angle), centre.y + radius*math.Sin(angle)})
	}
	return points
}

func distance(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	t := 0.0
	if length := dx*dx + dy*dy; length > 0 {
		t = min(1, max(0, ((p.x-a.x)*dx+(p.y-a.y)*dy)/length))
	}
	return math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy)
}

func path(points []point) string {
	var b strings.Builder
	for i, p := range points {
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&b, "%s%.2f %.2f", command, p.x, p.y)
	}
	return b.String()
}

package tray

import "fyne.io/systray"

// page is the place of a question about a web page. The lines below it are made
// anew for each question, because the desktop reports a click by the line's
// number: a line that first belonged to one question and then to another would
// let a page in for which nobody clicked.
type page struct {
	panel *panel
	item  *systray.MenuItem
	id    string // the question's; empty: free
	title string
	lines []*systray.MenuItem
	texts []string
	gone  chan struct{} // closed with the question
}

// ask shows the questions. One that was there keeps its place.
func (p *panel) ask(questions []Item) {
	waiting := map[string]Item{}
	for _, q := range questions {
		waiting[q.Key] = q
	}
	for _, place := range p.pages {
		q, open := waiting[place.id]
		if place.id != "" && !open {
			place.clear()
		}
		if open {
			place.put(q)
			delete(waiting, place.id)
		}
	}
	for _, q := range questions {
		if _, open := waiting[q.Key]; !open {
			continue
		}
		for _, place := range p.pages {
			if place.id == "" {
				place.put(q)
				break
			}
		}
	}
}

// put shows q, whose lines are made if they are not there yet.
func (g *page) put(q Item) {
	fresh := g.id == ""
	if fresh {
		g.gone = make(chan struct{})
	}
	g.id = q.Key
	if g.title != q.Title {
		g.title = q.Title
		g.item.SetTitle(label(q.Title))
	}
	for i, line := range q.Items {
		if fresh {
			item := g.item.AddSubMenuItem(label(line.Title), "")
			item.ClickedCh = make(chan struct{}, clickQueue)
			g.panel.take(item.ClickedCh, g.gone, func() Action { return line.Action })
			g.lines, g.texts = append(g.lines, item), append(g.texts, line.Title)
			continue
		}
		if g.texts[i] != line.Title {
			g.texts[i] = line.Title
			g.lines[i].SetTitle(label(line.Title))
		}
	}
	if fresh {
		g.item.Show()
	}
}

// clear takes the question away. A removed line's channel is kept from being
// closed: the library may be about to send to it.
func (g *page) clear() {
	g.item.Hide()
	close(g.gone)
	for _, line := range g.lines {
		line.ClickedCh = nil
		line.Remove()
	}
	g.id, g.title, g.lines, g.texts = "", "", nil, nil
}

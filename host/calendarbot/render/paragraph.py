"""Placeholder until page5c's lands."""
from calendarbot.render.type import fit_line, set_line
def break_lines(text,style,width_px,max_lines,language="en"):
    words=text.split(); lines=[]; cur=''
    for i,w in enumerate(words):
        t=(cur+' '+w).strip()
        if set_line(t,style,language).extent_px<=width_px or not cur: cur=t
        else:
            lines.append(cur); cur=w
            if len(lines)==max_lines-1:
                cur=' '.join(words[i:]); break
    if cur: lines.append(cur)
    return [fit_line(l,style,width_px,language).text for l in lines]

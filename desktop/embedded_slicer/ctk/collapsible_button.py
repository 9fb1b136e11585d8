"""ctkCollapsibleButton and ctkCollapsibleGroupBox: collapsible sections."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

Qt = QtCore.Qt
MOST = (1 << 24) - 1  # pixels: QWIDGETSIZE_MAX, no limit


class ctkCollapsibleButton(QtWidgets.QAbstractButton):
    """A section: a header with its contents in the layout below."""

    contentsCollapsed = QtCore.Signal(bool)

    def __init__(self, text: Any = "", parent: Any = None) -> None:
        if isinstance(text, QtWidgets.QWidget):
            text, parent = "", text
        super().__init__(parent)
        self._shown: list[QtWidgets.QWidget] = []
        self.setText(text or "")
        self.setCheckable(True)
        self.setChecked(True)
        self.setSizePolicy(QtWidgets.QSizePolicy.Preferred, QtWidgets.QSizePolicy.Preferred)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setContentsMargins(0, self._header(), 0, 0)
        self.toggled.connect(self._onToggled)

    def _header(self) -> int:
        return self.fontMetrics().height() + 10

    def _isCollapsed(self) -> bool:
        return not self.isChecked()

    def _setCollapsed(self, collapsed: bool) -> None:
        self.setChecked(not collapsed)

    collapsed = QtCore.Property(bool, _isCollapsed, _setCollapsed)

    def _onToggled(self, opened: bool) -> None:
        if opened:
            for widget in self._shown:
                widget.setVisible(True)
            self._shown = []
        else:
            self._shown = [
                each
                for each in self.children()
                if isinstance(each, QtWidgets.QWidget) and not each.isHidden() and not each.isWindow()
            ]
            for widget in self._shown:
                widget.setVisible(False)
        self.updateGeometry()
        self.update()
        self.contentsCollapsed.emit(not opened)

    def sizeHint(self) -> QtCore.QSize:
        return self._size("totalSizeHint")

    def minimumSizeHint(self) -> QtCore.QSize:
        return self._size("totalMinimumSize")

    def heightForWidth(self, width: int) -> int:
        """The height for wrapped texts; -1 tells Qt to use the size hint."""
        if self._isCollapsed() or self.layout() is None or not self.layout().hasHeightForWidth():
            return self._header() if self._isCollapsed() else -1
        return self.layout().totalHeightForWidth(width)

    def _size(self, name: str) -> QtCore.QSize:
        width = self.fontMetrics().horizontalAdvance(self.text) + 40
        if self._isCollapsed() or self.layout() is None:
            return QtCore.QSize(width, self._header())
        inner = getattr(self.layout(), name)()  # includes the widget's margins, in which the header is drawn
        return QtCore.QSize(max(inner.width(), width), max(inner.height(), self._header()))

    def hitButton(self, position: QtCore.QPoint) -> bool:
        return position.y() < self._header()

    def paintEvent(self, event: Any) -> None:
        painter, colors = QtGui.QPainter(self), self.palette
        header = QtCore.QRect(0, 0, self.width, self._header())
        painter.fillRect(header, colors.color(QtGui.QPalette.Button))
        painter.setPen(colors.color(QtGui.QPalette.Mid))
        painter.drawRect(self.rect.adjusted(0, 0, -1, -1))
        painter.setPen(colors.color(QtGui.QPalette.ButtonText))
        arrow = QtWidgets.QStyleOption()
        arrow.initFrom(self)
        arrow.rect = QtCore.QRect(6, 0, 12, header.height())
        kind = QtWidgets.QStyle.PE_IndicatorArrowRight
        if not self._isCollapsed():
            kind = QtWidgets.QStyle.PE_IndicatorArrowDown
        self.style().drawPrimitive(kind, arrow, painter, self)
        font = self.font
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(header.adjusted(24, 0, -6, 0), Qt.AlignVCenter | Qt.AlignLeft, self.text)
        if self.hasFocus():
            painter.setPen(QtGui.QPen(colors.color(QtGui.QPalette.Highlight), 1, Qt.DotLine))
            painter.drawRect(header.adjusted(2, 2, -3, -3))


class _ArrowStyle(QtWidgets.QProxyStyle):
    """Draws an arrow instead of a group box's check mark, like CTK's style."""

    def drawPrimitive(self, element: Any, option: Any, painter: Any, widget: Any = None) -> None:
        if element == QtWidgets.QStyle.PE_IndicatorCheckBox:
            opened = bool(option.state & QtWidgets.QStyle.State_On)
            element = (
                QtWidgets.QStyle.PE_IndicatorArrowDown if opened else QtWidgets.QStyle.PE_IndicatorArrowRight
            )
        super().drawPrimitive(element, option, painter, widget)


class ctkCollapsibleGroupBox(QtWidgets.QGroupBox):
    """A group box that is collapsed by the arrow in its title."""

    def __init__(self, title: Any = "", parent: Any = None) -> None:
        if isinstance(title, QtWidgets.QWidget):
            title, parent = "", title
        super().__init__(title or "", parent)
        self._style = _ArrowStyle()  # a widget does not own its style
        self.setStyle(self._style)
        self._shown: list[QtWidgets.QWidget] = []
        self.setCheckable(True)
        self.setChecked(True)
        self.toggled.connect(self._onToggled)

    def _setCollapsed(self, collapsed: bool) -> None:
        self.setChecked(not collapsed)

    collapsed = QtCore.Property(bool, lambda self: not self.isChecked(), _setCollapsed)

    def _onToggled(self, opened: bool) -> None:
        if opened:
            for widget in self._shown:
                widget.setVisible(True)
        else:
            children = [each for each in self.children() if isinstance(each, QtWidgets.QWidget)]
            self._shown = [each for each in children if not each.isHidden()]
            for widget in self._shown:
                widget.setVisible(False)
        self.setMaximumHeight(MOST if opened else self.fontMetrics().height() + 8)

    def paintEvent(self, event: Any) -> None:
        """Draw only the title while collapsed."""
        option = QtWidgets.QStyleOptionGroupBox()
        self.initStyleOption(option)
        if not self.isChecked():
            option.subControls &= ~QtWidgets.QStyle.SC_GroupBoxFrame
        QtWidgets.QStylePainter(self).drawComplexControl(QtWidgets.QStyle.CC_GroupBox, option)
